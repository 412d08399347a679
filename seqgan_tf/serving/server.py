"""Server: try out the models of a run over HTTP or on a small page. It computes one request at a time."""

import asyncio
import concurrent.futures
import contextlib
import errno
import json
import pathlib
import secrets
import signal
import socket
import sys
import threading
from typing import Literal

import numpy as np
import uvicorn
from fastapi import HTTPException
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse
from fastapi_offline import FastAPIOffline

import seqgan_tf
from seqgan_tf.files import handled_signals
from seqgan_tf.runs.loaded import LoadedRun
from seqgan_tf.serving import inference
from seqgan_tf.serving.bodies import Problem, Sample, SampleRequest, Score, TextsRequest
from seqgan_tf.tasks.evaluation import real_probability

MOST_BYTES = 1_000_000  # in the body of a request
MOST_WAITING = 64  # requests running or waiting
MOST_CONNECTIONS = 256


def body_limit(app):
    """ASGI middleware that refuses a body larger than MOST_BYTES, whatever length it declares."""

    async def limit(scope, receive, send):
        size = 0

        async def limited():
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > MOST_BYTES:
                # Keep reading for a while, because a client may read the answer only after sending its body.
                while message.get("more_body") and size < 16 * MOST_BYTES:
                    message = await receive()
                    size += len(message.get("body", b""))
                raise HTTPException(413, f"the body must have at most {MOST_BYTES:,} bytes")
            return message

        await app(scope, limited, send)

    return limit


def create_app(loaded, name):
    """Returns the FastAPI application of a LoadedRun, which shows it under a name."""
    refusal, version = {RequestValidationError: _refuse}, seqgan_tf.__version__
    app = FastAPIOffline(redoc_url=None, title=f"seqgan_tf: {name}", version=version, exception_handlers=refusal)
    app.add_middleware(body_limit)
    worker, places = concurrent.futures.ThreadPoolExecutor(1), threading.BoundedSemaphore(MOST_WAITING)

    @app.get("/", include_in_schema=False)
    async def _page() -> FileResponse:
        return FileResponse(pathlib.Path(__file__).with_name("page.html"))

    @app.get("/healthz", summary="What is served")
    async def _health() -> dict[str, bool | int | float | str]:
        return {
            "status": "ok",
            "run": name,
            "length": loaded.length,
            "vocabulary_size": len(loaded.vocabulary),
            "has_discriminator": loaded.discriminator is not None,
            "is_text": loaded.vocabulary.is_text,
            "temperature": loaded.config.temperature,
            **{key: loaded.record[key] for key in ("step", "phase", "iteration")},
        }

    busy = f"{MOST_WAITING} requests are already waiting; try again soon"

    def answer(path, function, body, content, summary, *more_codes):
        async def route(request: body) -> content:
            # Requests queue for the one thread that computes; the event loop can still answer /healthz.
            if not places.acquire(blocking=False):
                raise HTTPException(503, busy, {"Retry-After": "1"})
            future = worker.submit(function, loaded, request)
            future.add_done_callback(lambda _: places.release())
            return await asyncio.wrap_future(future)

        problems = dict.fromkeys((400, 413, 422, 503, *more_codes), {"model": Problem})
        app.post(path, summary=summary, responses=problems)(route)

    scores, chances = dict[Literal["scores"], list[Score]], dict[Literal["probabilities"], list[float]]
    answer("/sample", _sample, SampleRequest, Sample, "Sample sequences")
    answer("/score", _score, TextsRequest, scores, "Log-likelihoods of texts")
    answer("/discriminate", _discriminate, TextsRequest, chances, "Probabilities that texts are real", 409)
    return app


def _sample(loaded, request):
    seed = secrets.randbelow(2**31) if request.seed is None else request.seed
    try:
        chunks = inference.sample(loaded, request.num, seed, request.temperature, request.prefix)
    except ValueError as error:
        raise HTTPException(422, f"prefix has {_cut(str(error))}") from error
    return {"seed": seed, "sequences": inference.described(loaded, np.concatenate(list(chunks)))}


def _score(loaded, request):
    ids, unknown = _ids(loaded, request.texts)
    scores, found = [], (*inference.score(loaded, ids), ids, unknown)
    for row, _, total, perplexity, tokens, number in zip(*found, strict=True):
        shown = loaded.vocabulary.shown(tokens)
        score = {"log_prob": total, "token_log_probs": row[: len(shown)].tolist(), "perplexity": perplexity}
        scores.append(score | {"tokens": shown, "unknown": number})
    return {"scores": scores}


def _discriminate(loaded, request):
    if loaded.discriminator is None:
        raise HTTPException(409, f"the run has no discriminator: its reward is {loaded.config.reward}")
    tokens, _ = _ids(loaded, request.texts)
    return {"probabilities": real_probability(loaded.discriminator, tokens).tolist()}


def _ids(loaded, texts):
    """Returns texts as ids [S, T], and the number of unknown tokens of each."""
    rows = []
    for index, text in enumerate(texts):
        try:
            rows.append(loaded.vocabulary.ids(text, loaded.length))
        except ValueError as error:
            raise HTTPException(422, f"texts[{index}] has {error}") from error
    ids, unknown = zip(*rows, strict=True)
    return np.stack(ids), unknown


async def _refuse(request, error):
    """Answers with the first error in a body, in one line."""
    fields = (SampleRequest if request.url.path == "/sample" else TextsRequest).model_fields
    first = error.errors()[0]
    place = first["loc"][1:]
    if first["type"] == "extra_forbidden":
        text = f"unknown field {_shown(place[0])}; the fields are: {', '.join(fields)}"
    elif place and place[0] in fields:
        where = "".join(f" at index {index}" for index in place[1:])
        what = "nothing" if first["type"] == "missing" else _shown(first["input"])
        text = f"{place[0]} must be {fields[place[0]].description}, got {what}{where}"
    else:
        text = "the body must be a JSON object, with the header Content-Type: application/json"
    printable = text.encode(errors="backslashreplace").decode()  # JSON may have half of a surrogate pair
    return JSONResponse({"detail": printable}, 422)


def _shown(value):
    """Returns a value of a body as JSON; only the beginning and the end if it is long."""
    if isinstance(value, list | dict):
        return f"a {type(value).__name__} of {len(value)}"
    return _cut(json.dumps(value, ensure_ascii=False))


def _cut(text):
    return text if len(text) <= 120 else f"{text[:60]} ... {text[-50:]}"


def serve(run, checkpoint, host, port):
    """Serves a run until SIGINT or SIGTERM, and prints the URL on stderr.

    Args:
      run, checkpoint: see LoadedRun.
      host: str, address or name of this machine to listen on.
      port: int; 0 for any free port.

    Raises:
      ValueError: naming the flag, if the run cannot be loaded or the address cannot be used.
    """
    with _listening(host, port) as listener:
        app = create_app(LoadedRun(run, checkpoint), pathlib.Path(run).resolve().name)
        limits = {"limit_concurrency": MOST_CONNECTIONS, "timeout_graceful_shutdown": 10}
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False, **limits))
        url = f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}"
        # After stopping, uvicorn raises the signal again.
        stop = signal.default_int_handler
        with contextlib.suppress(KeyboardInterrupt), handled_signals(stop, (signal.SIGTERM,)):
            print(f"Serving {run} at {url} (API: {url}/docs); press Ctrl-C to stop", file=sys.stderr, flush=True)
            server.run(sockets=[listener])


def _listening(host, port):
    """Returns a listening socket, in which connections wait until they are served."""
    if not 0 <= port < 2**16:  # getaddrinfo would read 65536 as 0
        raise ValueError(f"--port must be between 0 and 65535, got {port}; 0 takes any free port.")
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(address, family=family)
    except (OSError, UnicodeError) as error:  # UnicodeError: not a valid name
        text = {
            errno.EADDRINUSE: f"--port must be a free port, got {port}, which is in use; 0 takes any free port.",
            errno.EACCES: f"--port must be at least 1024 for an ordinary user, got {port}; 0 takes any free port.",
        }.get(getattr(error, "errno", None))
        text = text or f"--host must be an address of this machine, got {host!r}."
        raise ValueError(text) from error
