"""The production engine: an Elasticsearch 8 cluster without plugins.

`index` keeps the promises of the port, `rebuilding` makes a new index behind the alias, `phrasing` puts a query into
the engine's words, `mapping` says how documents lie, `engine` talks to the hosts and `breaker` spares them.
"""

from search.elastic.index import ElasticIndex

__all__ = ["ElasticIndex"]
