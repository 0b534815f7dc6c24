# One image for the service, the worker and every command: `docker build -t kho-chung .`
FROM python:3.11-slim-bookworm AS build
WORKDIR /srv/kho
COPY requirements.txt .
RUN python -m venv .venv \
 && .venv/bin/python -m pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.txt

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /srv/kho --shell /usr/sbin/nologin kho \
 && install -d -o kho -g kho -m 700 /data
WORKDIR /srv/kho
COPY --from=build /srv/kho/.venv .venv
COPY wsgi.py LICENSE ./
COPY app app
COPY migrations migrations
COPY search search
COPY storage storage
RUN .venv/bin/python -m compileall -q app search storage
ENV PATH=/srv/kho/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DATA_DIR=/data \
    WORKER=none
USER 10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=10s --start-period=30s --retries=3 \
  CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/healthz', timeout=8)"]
ENTRYPOINT ["python", "wsgi.py"]
CMD ["serve", "--host", "0.0.0.0", "--processes", "2"]
