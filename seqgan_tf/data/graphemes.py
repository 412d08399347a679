"""Characters as a person sees them: extended grapheme clusters (Unicode Standard Annex 29)."""

import functools

import regex


def clusters(text):
    """Text -> its grapheme clusters, a list of str: letters with their accents, whole emoji, line ends.

    Example:
      >>> clusters("กำ e\u0301!")
      ['กำ', ' ', 'é', '!']
    """
    return regex.findall(r"\X", text)


@functools.cache
def re2_pattern():
    """A pattern of RE2, which TensorFlow uses and which has no \\X, that matches one grapheme cluster."""
    codes = "".join(map(chr, [*range(0xD800), *range(0xE000, 0x110000)]))

    def members(properties):
        """The inside of a class [...] of RE2: all characters with one of some properties."""
        ranges = regex.findall(f"[{properties}]+", codes)
        return "".join(rf"\x{{{ord(run[0]):x}}}-\x{{{ord(run[-1]):x}}}" for run in ranges)

    def breaks(name):
        return rf"\p{{Grapheme_Cluster_Break={name}}}"

    control = members(breaks("Control") + r"\r\n")
    prepend, extend = (f"[{members(breaks(name))}]" for name in ("Prepend", "Extend"))
    linker, joined, consonant = (
        f"[{members(properties)}]"
        for properties in (r"\p{InCB=Linker}", r"\p{InCB=Linker}\p{InCB=Extend}", r"\p{InCB=Consonant}")
    )
    conjunct = f"{linker}{joined}*{consonant}"
    after = f"(?:{conjunct}|[{members(breaks('Extend') + breaks('ZWJ') + breaks('SpacingMark'))}])*"
    leading, vowel, trailing, lv, lvt = (f"[{members(breaks(name))}]" for name in ("L", "V", "T", "LV", "LVT"))
    hangul = f"{leading}*(?:{lvt}|{lv}{vowel}*|{vowel}+){trailing}*|{leading}+|{trailing}+"
    flag = f"[{members(breaks('Regional_Indicator'))}]{{2}}"
    pictures = members(r"\p{Extended_Pictographic}")
    emoji = rf"[{pictures}](?:{extend}*\x{{200d}}[{pictures}])*"
    core = f"{hangul}|{flag}|{emoji}|{conjunct}|[^{control}]"
    return rf"\r\n|[{control}]|{prepend}*(?:{core}){after}|{prepend}+{after}"
