"""The page and the API's documentation in a real browser that has no network."""

import shutil
import threading
import time

import pytest
import uvicorn
from command import LINES, SMALL, train_here
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from seqgan_tf.runs.loaded import LoadedRun
from seqgan_tf.serving.server import create_app

pytestmark = pytest.mark.slow

FLAGS = ("--train_file=lines.txt", "--max_length=8", "--vocab_size=60")


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    """Where a run on text is served."""
    folder = tmp_path_factory.mktemp("shown")
    (folder / "lines.txt").write_text(LINES)
    train_here(folder, *SMALL, *FLAGS, "--run=a run <b>", "--temperature=0.73")
    app = create_app(LoadedRun(folder / "a run <b>"), "a run <b>")
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


@pytest.fixture
def browser(tmp_path):
    """A browser that can reach this machine alone."""
    paths = [shutil.which("chromium") or shutil.which("google-chrome"), shutil.which("chromedriver")]
    if None in paths:
        pytest.skip("needs chromium and chromedriver")
    options = webdriver.ChromeOptions()
    options.binary_location = paths[0]
    for argument in (
        *("--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"),
        *("--disable-component-update", "--disable-sync", "--disable-quic", f"--user-data-dir={tmp_path}/profile"),
        *("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--window-size=1000,800"),
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    browser = webdriver.Chrome(options, Service(paths[1]))
    yield browser
    browser.quit()


def by_id(browser, name):
    return browser.find_element(By.ID, name)


def wait(browser, condition):
    return WebDriverWait(browser, 30).until(lambda _: condition())


def opened(browser, url):
    browser.get(url)
    wait(browser, lambda: by_id(browser, "shown").text)


def samples(browser):
    """The shown samples: (text, log-likelihood) each, when they have come."""
    wait(browser, lambda: by_id(browser, "go").text == "Sample" and by_id(browser, "results").is_displayed())
    items = browser.find_elements(By.CSS_SELECTOR, "#samples li")
    return [tuple(item.find_element(By.TAG_NAME, tag).text for tag in ("span", "small")) for item in items]


def complaints(browser):
    """What the browser's console says, but for the answers 4xx, which it always names."""
    return [entry for entry in browser.get_log("browser") if entry["source"] != "network"]


def test_a_person_types_a_prefix_moves_the_temperature_and_reads_samples(browser, url):
    opened(browser, url)
    assert by_id(browser, "title").text == "a run <b>" and "texts of up to 8 tokens" in by_id(browser, "about").text
    assert by_id(browser, "shown").text == "0.73 (the run's)" and not by_id(browser, "results").is_displayed()
    by_id(browser, "prefix").send_keys("the cat")
    slider = by_id(browser, "temperature")
    slider.send_keys(Keys.HOME, *[Keys.ARROW_RIGHT] * 10)
    assert by_id(browser, "shown").text == "0.5"
    by_id(browser, "seed").send_keys("7")
    by_id(browser, "go").click()
    first = samples(browser)
    assert len(first) == 5 and all(text.startswith("the cat") for text, _ in first)
    assert all(float(number.replace("\u2212", "-").removesuffix(" nats")) < 0 for _, number in first)
    assert by_id(browser, "summary").text == "5 samples, seed 7"
    slider.send_keys(Keys.HOME)
    assert by_id(browser, "shown").text == "0 (always the most probable token)"
    by_id(browser, "prefix").send_keys(Keys.ENTER)  # without the mouse
    wait(browser, lambda: samples(browser) != first)
    assert len(set(samples(browser))) == 1
    assert browser.get_log("browser") == []


def test_an_empty_seed_is_random_and_can_be_kept(browser, url):
    opened(browser, url)
    by_id(browser, "go").click()
    first, summary = samples(browser), by_id(browser, "summary").text
    by_id(browser, "again").click()
    assert summary == f"5 samples, seed {by_id(browser, 'seed').get_attribute('value')}"
    num = by_id(browser, "num")
    num.clear()
    num.send_keys("1", Keys.ENTER)
    wait(browser, lambda: len(samples(browser)) == 1)
    assert samples(browser) == first[:1] and by_id(browser, "summary").text == summary.replace(
        "5 samples", "1 sample"
    )
    assert browser.get_log("browser") == []


def test_a_mistake_is_said_in_words_and_goes_away(browser, url):
    opened(browser, url)
    by_id(browser, "prefix").send_keys("the <i>zebra")
    by_id(browser, "go").click()
    error = by_id(browser, "error")
    wait(browser, error.is_displayed)
    assert "refix has unknown words: <, i, >, zebra; each must be one of the " in error.text
    assert error.get_attribute("role") == "alert" and not error.find_elements(By.TAG_NAME, "i")
    by_id(browser, "prefix").clear()
    by_id(browser, "go").click()
    assert len(samples(browser)) == 5 and not error.is_displayed()
    assert complaints(browser) == []


def test_every_field_has_a_label_and_nothing_is_wider_than_a_telephone(browser, url):
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride", {"width": 360, "height": 800, "deviceScaleFactor": 1, "mobile": True}
    )
    opened(browser, url)
    by_id(browser, "go").click()
    samples(browser)
    assert browser.execute_script("return document.documentElement.scrollWidth") <= 360
    fields = browser.find_elements(By.TAG_NAME, "input")
    assert len(fields) == 4 and all(field.accessible_name for field in fields)
    assert by_id(browser, "results").get_attribute("aria-live") == "polite"


def test_the_documentation_shows_every_operation_without_a_network(browser, url):
    opened(browser, url)
    browser.find_element(By.LINK_TEXT, "API").click()
    operations = wait(browser, lambda: browser.find_elements(By.CSS_SELECTOR, ".opblock-summary-path"))
    assert {operation.text for operation in operations} >= {"/healthz", "/sample", "/score", "/discriminate"}
    names = browser.execute_script("return performance.getEntriesByType('resource').map(entry => entry.name)")
    assert names and all(name.startswith(url) for name in names)
    assert browser.get_log("browser") == []
