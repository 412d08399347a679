"""Bodies of the server's requests and answers; the description of a request's field says what is allowed."""

from typing import Annotated

from pydantic import BaseModel, Field, field_validator

from seqgan_tf.sampling import LEAST_TEMPERATURE

MOST = 1_000  # sequences in a request
MOST_LONG = 2_000  # characters in a text
TEMPERATURES = f"null (the run's), 0 (the most probable tokens) or a number from {LEAST_TEMPERATURE} to 10"


class SampleRequest(BaseModel, strict=True, extra="forbid", allow_inf_nan=False):
    """What to draw. As in every request, "5" is no number, and an unknown field is a mistake."""

    num: int = Field(5, ge=1, le=MOST, description=f"a whole number of sequences from 1 to {MOST}")
    temperature: float | None = Field(None, ge=0, le=10, description=TEMPERATURES)
    prefix: str = Field("", max_length=MOST_LONG, description=f"a beginning of at most {MOST_LONG} characters")
    seed: int | None = Field(None, ge=0, lt=2**31, description="null (random) or a whole number from 0 to 2^31 - 1")

    @field_validator("temperature")
    @classmethod
    def _no_tiny_one(cls, temperature):
        if temperature and temperature < LEAST_TEMPERATURE:
            raise ValueError("too low")
        return temperature


class TextsRequest(BaseModel, strict=True, extra="forbid"):
    """Whole sequences; of a run without text, numbers separated by spaces."""

    texts: list[Annotated[str, Field(max_length=MOST_LONG)]] = Field(
        min_length=1, max_length=MOST, description=f"a list of 1 to {MOST} texts of at most {MOST_LONG} characters"
    )


class Sequence(BaseModel):
    """A sampled sequence."""

    text: str
    tokens: list[int] = Field(description="ids, the end token included")
    log_prob: float = Field(description="log-likelihood at temperature 1, nats")


class Sample(BaseModel):
    """Sampled sequences; the same seed draws the same."""

    seed: int
    sequences: list[Sequence]


class Score(BaseModel):
    """A text's likelihood under the generator, at temperature 1; the end token counts."""

    log_prob: float = Field(description="log-likelihood, nats")
    token_log_probs: list[float] = Field(description="log-probability of each token, nats")
    tokens: list[int] = Field(description="ids, the end token included")
    unknown: int = Field(description="tokens that are not in the vocabulary")
    perplexity: float = Field(description="per token")


class Problem(BaseModel):
    """What was wrong, in one line."""

    detail: str
