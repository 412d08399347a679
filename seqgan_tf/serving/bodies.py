"""Bodies of the server's requests and answers. The description of a request's field completes "must be ..."."""

from typing import Annotated

from pydantic import BaseModel, Field, field_validator

from seqgan_tf.sampling import LEAST_TEMPERATURE

MOST = 1_000  # sequences per request
MOST_LONG = 2_000  # characters per text
TEMPERATURES = f"null (the run's), 0 (always the most probable token) or a number from {LEAST_TEMPERATURE} to 10"


class SampleRequest(BaseModel, strict=True, extra="forbid", allow_inf_nan=False):
    """What to sample. In all requests numbers must not be strings, and unknown fields are errors."""

    num: int = Field(5, ge=1, le=MOST, description=f"the number of sequences, an integer from 1 to {MOST}")
    temperature: float | None = Field(None, ge=0, le=10, description=TEMPERATURES)
    prefix: str = Field("", max_length=MOST_LONG, description=f"a text of at most {MOST_LONG} characters")
    seed: int | None = Field(None, ge=0, lt=2**31, description="null (random) or an integer from 0 to 2^31 - 1")

    @field_validator("temperature")
    @classmethod
    def _no_tiny_one(cls, temperature):
        if temperature and temperature < LEAST_TEMPERATURE:
            raise ValueError("too low")
        return temperature


class TextsRequest(BaseModel, strict=True, extra="forbid"):
    """Whole sequences; for a run on oracle data, numbers separated by spaces."""

    texts: list[Annotated[str, Field(max_length=MOST_LONG)]] = Field(
        min_length=1, max_length=MOST, description=f"a list of 1 to {MOST} texts of at most {MOST_LONG} characters"
    )


class Sequence(BaseModel):
    """A sampled sequence."""

    text: str
    tokens: list[int] = Field(description="ids, including the end token")
    log_prob: float = Field(description="log-likelihood at temperature 1, nats")


class Sample(BaseModel):
    """Sampled sequences. The same seed gives the same sequences."""

    seed: int
    sequences: list[Sequence]


class Score(BaseModel):
    """Likelihood of a text under the generator at temperature 1, including the end token."""

    log_prob: float = Field(description="log-likelihood, nats")
    token_log_probs: list[float] = Field(description="log-probability of each token, nats")
    tokens: list[int] = Field(description="ids, including the end token")
    unknown: int = Field(description="number of tokens that are not in the vocabulary")
    perplexity: float = Field(description="per token")


class Problem(BaseModel):
    """An error message of one line."""

    detail: str
