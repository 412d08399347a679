"""User-perceived characters: extended grapheme clusters (Unicode Standard Annex 29)."""

import functools

import regex


def clusters(text):
    """Returns the grapheme clusters of a text, a list of str: letters with accents, whole emoji, line ends.

    Examples:
      >>> clusters("กำ e\u0301!")
      ['กำ', ' ', 'e\u0301', '!']
    """
    return regex.findall(r"\X", text)


@functools.cache
def re2_pattern():
    """Returns an RE2 pattern that matches one grapheme cluster. TensorFlow uses RE2, which lacks \\X."""
    codes = "".join(map(chr, [*range(0xD800), *range(0xE000, 0x110000)]))

    def members(properties):
        """Returns the inside of an RE2 class [...] of all characters that have one of the properties."""
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
