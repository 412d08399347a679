"""Server: a run's models by HTTP and on a small page, for trying them out. One request is computed at a time."""

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
MOST_WAITING = 64  # requests that are computed or wait for it
MOST_CONNECTIONS = 256


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


def create_app(loaded, name):
    """The FastAPI application of a LoadedRun; name: what to call it."""
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

    busy = f"{MOST_WAITING} requests wait already; try again soon"

    def answer(path, function, body, content, summary, *more_codes):
        async def route(request: body) -> content:
            # TensorFlow has one thread: requests queue for it, and the event loop answers /healthz meanwhile.
            if not places.acquire(blocking=False):
                raise HTTPException(503, busy, {"Retry-After": "1"})
            future = worker.submit(function, loaded, request)
            future.add_done_callback(lambda _: places.release())
            return await asyncio.wrap_future(future)

        problems = dict.fromkeys((400, 413, 422, 503, *more_codes), {"model": Problem})
        app.post(path, summary=summary, responses=problems)(route)

    scores, chances = dict[Literal["scores"], list[Score]], dict[Literal["probabilities"], list[float]]
    answer("/sample", _sample, SampleRequest, Sample, "Draws sequences")
    answer("/score", _score, TextsRequest, scores, "Log-likelihood of texts")
    answer("/discriminate", _discriminate, TextsRequest, chances, "Whether texts look real", 409)
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
    """Texts as ids [S, T], and how many tokens of each are unknown."""
    rows = []
    for index, text in enumerate(texts):
        try:
            rows.append(loaded.vocabulary.ids(text, loaded.length))
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
    """Answers requests for a LoadedRun until SIGINT or SIGTERM; says on stderr where. Port 0: any that is free."""
    with _listening(host, port) as listener:
        app = create_app(LoadedRun(run, checkpoint), pathlib.Path(run).resolve().name)
        limits = {"limit_concurrency": MOST_CONNECTIONS, "timeout_graceful_shutdown": 10}
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False, **limits))
        url = f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}"
        # When it has stopped, uvicorn raises the signal that stopped it once more.
        stop = signal.default_int_handler
        with contextlib.suppress(KeyboardInterrupt), handled_signals(stop, (signal.SIGTERM,)):
            print(f"Serving {run} at {url} (docs: {url}/docs); Ctrl-C stops", file=sys.stderr, flush=True)
            server.run(sockets=[listener])


def _listening(host, port):
    """A socket that listens: connections wait in it until they are served."""
    if not 0 <= port < 2**16:  # getaddrinfo takes 65536 for 0
        raise ValueError(f"--port must be between 0 and 65535, got {port}; 0 takes any that is free.")
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(address, family=family)
    except (OSError, UnicodeError) as error:  # UnicodeError: a name that cannot be one
        text = {
            errno.EADDRINUSE: f"--port must be a free one, or 0 for any, got {port}, which is in use.",
            errno.EACCES: f"--port must be 1024 or more, or 0 for any, got {port}, which needs more rights.",
        }.get(getattr(error, "errno", None))
        text = text or f"--host must be an address of this machine, got {host!r}, which cannot be listened at."
        raise ValueError(text) from error
