"""Bodies of requests and answers of the server; a description says what is allowed."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator

from seqgan_tf.sampling import LEAST_TEMPERATURE

MOST = 1_000  # sequences in a request
MOST_CHARACTERS = 2_000  # in a text


class Request(BaseModel):
    """A body, in which "5" is no number and an unknown field a mistake. A description says what is allowed."""

    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)


class SampleRequest(Request):
    """What to draw."""

    num: int = Field(5, ge=1, le=MOST, description=f"a whole number of sequences from 1 to {MOST}")
    temperature: Annotated[float, Field(ge=0, le=10)] | None = Field(
        None, description=f"null (the run's), 0 (the most probable tokens) or a number from {LEAST_TEMPERATURE} to 10"
    )
    prefix: str = Field(
        "", max_length=MOST_CHARACTERS, description=f"a beginning of at most {MOST_CHARACTERS} characters"
    )
    seed: Annotated[int, Field(ge=0, lt=2**31)] | None = Field(
        None, description="null (a random one) or a whole number from 0 to 2^31 - 1"
    )

    @field_validator("temperature")
    @classmethod
    def _no_tiny_one(cls, temperature):
        if temperature and temperature < LEAST_TEMPERATURE:
            raise ValueError("too low")
        return temperature


class TextsRequest(Request):
    """Whole sequences, of a run without text as numbers with spaces."""

    texts: Annotated[
        list[Annotated[str, Field(max_length=MOST_CHARACTERS)]], Field(min_length=1, max_length=MOST)
    ] = Field(description=f"a list of 1 to {MOST} texts of at most {MOST_CHARACTERS} characters each")


class Sequence(BaseModel):
    """A sequence that was drawn."""

    text: str
    tokens: list[int] = Field(description="ids, the end token included")
    log_prob: float = Field(description="log-likelihood at temperature 1, nats")


class Sample(BaseModel):
    """What was drawn; the same seed draws the same."""

    seed: int
    sequences: list[Sequence]


class Score(BaseModel):
    """What the generator finds of a text, at temperature 1; the end token counts."""

    log_prob: float = Field(description="log-likelihood, nats")
    token_log_probs: list[float] = Field(description="log-probability of each token, nats")
    tokens: list[int] = Field(description="ids, the end token included")
    unknown: int = Field(description="tokens that the vocabulary does not know")
    perplexity: float = Field(description="per token")


class Problem(BaseModel):
    """What was wrong, in one line."""

    detail: str
