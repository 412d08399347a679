"""Server: a run's models by HTTP and on a small page, for trying them out. One request is computed at a time."""

import asyncio
import concurrent.futures
import errno
import importlib.resources
import json
import math
import pathlib
import secrets
import signal
import socket
import sys
import threading
from typing import Annotated, Literal

import numpy as np
import uvicorn
from fastapi import HTTPException
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse
from fastapi_offline import FastAPIOffline
from pydantic import BaseModel, ConfigDict, Field, field_validator

import seqgan_tf
from seqgan_tf.runs.loaded import Trained
from seqgan_tf.sampling import LEAST_TEMPERATURE

MOST = 1_000  # sequences in a request
MOST_CHARACTERS = 2_000  # in a text
MOST_BYTES = 1_000_000  # in the body of a request
MOST_WAITING = 64  # requests that are computed or wait for it
MOST_CONNECTIONS = 256


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


PROBLEMS = {code: {"model": Problem} for code in (400, 413, 422, 503)}


def body_limit(app):
    """ASGI middleware that refuses a body that grows beyond MOST_BYTES, whatever length it declares."""

    async def limit(scope, receive, send):
        size = 0

        async def limited():
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > MOST_BYTES:
                # Read on for a while, or a client that is still sending would not come to see the answer.
                while message.get("more_body") and size < 16 * MOST_BYTES:
                    message = await receive()
                    size += len(message.get("body", b""))
                raise HTTPException(413, f"the body is larger than what is allowed, {MOST_BYTES:,} bytes")
            return message

        await app(scope, limited, send)

    return limit


def create_app(trained, name):
    """The application.

    Args:
      trained: trained.Trained.
      name: what to call it.

    Returns:
      FastAPI.
    """
    # One thread for all of TensorFlow's work: requests queue for it, and the event loop answers /healthz meanwhile.
    worker = concurrent.futures.ThreadPoolExecutor(1)
    places = threading.BoundedSemaphore(MOST_WAITING)

    async def in_turn(function, request):
        if not places.acquire(blocking=False):
            raise HTTPException(503, f"{MOST_WAITING} requests wait already; try again soon", {"Retry-After": "1"})
        try:
            return await asyncio.get_running_loop().run_in_executor(worker, function, trained, request)
        finally:
            places.release()

    handlers = {RequestValidationError: _refuse}
    app = FastAPIOffline(
        redoc_url=None, title=f"seqgan_tf: {name}", version=seqgan_tf.__version__, exception_handlers=handlers
    )
    app.add_middleware(body_limit)
    page = importlib.resources.files("seqgan_tf.serving").joinpath("page.html").read_text(encoding="utf-8")
    health = {
        **{"status": "ok", "run": name, **{key: trained.record[key] for key in ("step", "phase", "iteration")}},
        **{"length": trained.length, "vocabulary_size": trained.generator.vocab_size},
        **{"has_discriminator": trained.discriminator is not None, "is_text": trained.vocabulary is not None},
        "temperature": trained.config.temperature,
    }

    @app.get("/", response_class=HTMLResponse, include_in_schema=False)
    async def _page():
        return page

    @app.get("/healthz", summary="What is served")
    async def _health() -> dict[str, bool | int | float | str]:
        return health

    @app.post("/sample", summary="Draws sequences", responses=PROBLEMS)
    async def _sample_route(request: SampleRequest) -> Sample:
        return await in_turn(_sample, request)

    @app.post("/score", summary="Log-likelihood of texts", responses=PROBLEMS)
    async def _score_route(request: TextsRequest) -> dict[Literal["scores"], list[Score]]:
        return await in_turn(_score, request)

    @app.post("/discriminate", summary="Whether texts look real", responses=PROBLEMS | {409: {"model": Problem}})
    async def _discriminate_route(request: TextsRequest) -> dict[Literal["probabilities"], list[float]]:
        return await in_turn(_discriminate, request)

    return app


def _sample(trained, request):
    seed = secrets.randbelow(2**31) if request.seed is None else request.seed
    try:
        chunks = trained.sample(request.num, seed, request.temperature, request.prefix)
    except ValueError as error:
        raise HTTPException(422, f"prefix has {_cut(str(error))}") from error
    tokens = np.concatenate(list(chunks))
    columns = trained.lines(tokens), trained.shown_ids(tokens), trained.score(tokens)[0].sum(1).tolist()
    sequences = [Sequence(text=text, tokens=ids, log_prob=value) for text, ids, value in zip(*columns, strict=True)]
    return Sample(seed=seed, sequences=sequences)


def _score(trained, request):
    tokens, unknown = _ids(trained, request.texts)
    log_probs, counts = trained.score(tokens)
    scores = []
    for row, count, ids, number in zip(log_probs, counts, trained.shown_ids(tokens), unknown, strict=True):
        total = float(row.sum(dtype=np.float64))
        perplexity = math.exp(min(-total / count, 700))  # float64 ends at e^709
        parts = {"token_log_probs": row[:count].tolist(), "tokens": ids, "unknown": number}
        scores.append(Score(log_prob=total, perplexity=perplexity, **parts))
    return {"scores": scores}


def _discriminate(trained, request):
    if trained.discriminator is None:
        raise HTTPException(409, f"the run has no discriminator: its reward is {trained.config.reward}")
    tokens, _ = _ids(trained, request.texts)
    return {"probabilities": trained.real(tokens).tolist()}


def _ids(trained, texts):
    """Texts as ids [S, T], and how many tokens of each are unknown."""
    rows = []
    for index, text in enumerate(texts):
        try:
            rows.append(trained.ids(text))
        except ValueError as error:
            raise HTTPException(422, f"texts[{index}] has {error}") from error
    ids, unknown = zip(*rows, strict=True)
    return np.stack(ids), unknown


async def _refuse(request, error):
    """The first of the mistakes in a body, in one line: where it is, what is there and what is allowed."""
    fields = (SampleRequest if request.url.path == "/sample" else TextsRequest).model_fields
    first = error.errors()[0]
    place = first["loc"][1:]
    if first["type"] == "extra_forbidden":
        text = f"{_shown(place[0])} is no field; allowed are {', '.join(fields)}"
    elif place and place[0] in fields:
        where = place[0] + "".join(f"[{index}]" for index in place[1:])
        what = "missing" if first["type"] == "missing" else _shown(first["input"])
        text = f"{where} is {what}; allowed is {fields[place[0]].description}"
    else:
        text = "the body is no JSON object; allowed is one, with the header Content-Type: application/json"
    printable = text.encode(errors="backslashreplace").decode()  # JSON can name half a character
    return JSONResponse({"detail": printable}, 422)


def _shown(value):
    """A value of a body, of a long one the beginning and the end."""
    if isinstance(value, list | dict):
        return f"a {type(value).__name__} of {len(value)}"
    return _cut(json.dumps(value, ensure_ascii=False))


def _cut(text):
    return text if len(text) <= 120 else f"{text[:60]} ... {text[-50:]}"


def serve(run, checkpoint, host, port):
    """Answers requests until SIGINT or SIGTERM; says on stderr where.

    Args:
      run, checkpoint: as for Trained.
      host: address or name to listen at.
      port: int; 0: any that is free.

    Raises:
      ValueError: as Trained; or if host and port cannot be listened at, naming the flag and what is allowed.
    """
    with _listening(host, port) as listener:
        app = create_app(Trained(run, checkpoint), pathlib.Path(run).resolve().name)
        limits = {"limit_concurrency": MOST_CONNECTIONS, "timeout_graceful_shutdown": 10}
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False, **limits))
        url = f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}"
        # When it has stopped, uvicorn raises the signal that stopped it once more.
        before = signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            print(f"Serving {run} at {url} (docs: {url}/docs); Ctrl-C stops", file=sys.stderr, flush=True)
            server.run(sockets=[listener])
        except KeyboardInterrupt:
            pass
        finally:
            signal.signal(signal.SIGTERM, before)


def _listening(host, port):
    """A socket that listens: connections wait in it until they are served."""
    if not 0 <= port < 2**16:
        raise ValueError(f"--port is {port}; allowed is 0 to 65535, 0 for any that is free.")
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(address, family=family)
    except (OSError, UnicodeError) as error:  # UnicodeError: a name that cannot be one
        text = {
            errno.EADDRINUSE: f"--port is {port}, which is in use; allowed is a free one, or 0 for any.",
            errno.EACCES: f"--port is {port}, which needs more rights; allowed is 1024 or more, or 0 for any.",
        }.get(getattr(error, "errno", None))
        text = text or f"--host is {host}, which cannot be listened at; allowed is an address of this machine."
        raise ValueError(text) from error
