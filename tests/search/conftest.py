"""An index of its own for each test on the Elasticsearch of SEARCH_URL."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import pytest
from elasticsearch import Elasticsearch, NotFoundError

from tests.search.proxy import Proxy


@pytest.fixture(scope="session")
def search_url() -> str:
    """The cluster to test on. Without one its tests are skipped, and say so."""
    url = os.environ.get("SEARCH_URL", "")
    if not url.startswith("http"):
        pytest.skip("SEARCH_URL is not set to an Elasticsearch: its tests are skipped (`make services` starts one)")
    return url


def with_parameters(url: str, **more: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(query=urlencode(dict(parse_qsl(parts.query)) | more)))


@pytest.fixture(scope="session")
def cluster(search_url: str) -> Iterator[Elasticsearch]:
    """A plain client, for looking behind the port and for breaking things."""
    parts = urlsplit(search_url)
    login, _, places = parts.netloc.rpartition("@")
    name, _, password = login.partition(":")
    client = Elasticsearch(
        [f"{parts.scheme}://{place}" for place in places.split(",")],
        basic_auth=(name, password) if login else None,
        request_timeout=30,
    )
    yield client
    client.close()


@pytest.fixture
def elastic_name(cluster: Elasticsearch) -> Iterator[str]:
    name = f"kho-test-{uuid.uuid4().hex[:12]}"
    yield name
    held = list(cluster.indices.get(index=f"{name}-*", features="aliases"))
    for index in held:
        with suppress(NotFoundError):
            cluster.indices.delete(index=index)


@pytest.fixture
def elastic_url(search_url: str, elastic_name: str) -> str:
    # Patient: the first searches of a cold engine on a busy machine take longer than readers would be asked to wait.
    return with_parameters(search_url, index=elastic_name, timeout="10")


@pytest.fixture
def wire(search_url: str) -> Iterator[Proxy]:
    """The way to the cluster, to be cut and held."""
    place = urlsplit(search_url).netloc.rpartition("@")[2].split(",")[0]
    host, _, port = place.rpartition(":")
    made = Proxy(host, int(port))
    yield made
    made.close()


@pytest.fixture
def wired_url(elastic_url: str, wire: Proxy) -> str:
    """The test's index by way of the wire, with the patience of a real reader."""
    parts = urlsplit(elastic_url)
    login, at, _ = parts.netloc.rpartition("@")
    url = urlunsplit(parts._replace(netloc=f"{login}{at}127.0.0.1:{wire.port}"))
    return with_parameters(url, timeout="0.8")
