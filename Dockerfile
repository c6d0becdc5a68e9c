# The service's image: web, worker, beat and migrations are the same image with another command.
FROM python:3.13-slim AS packages
RUN python -m venv /venv
COPY requirements/runtime.lock /runtime.lock
RUN /venv/bin/pip install --no-cache-dir --no-deps --require-hashes -r /runtime.lock

FROM python:3.13-slim
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin living \
 && install --directory --owner living --mode 700 /metrics
COPY --from=packages /venv /venv
WORKDIR /app
COPY . .
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    LIVING_MAPS_BOOTSTRAP=0 \
    DJANGO_SETTINGS_MODULE=config.settings
RUN python -m compileall -q config kpis journeys service
USER 10001
EXPOSE 8000
CMD ["python", "-m", "granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", \
     "--workers", "2", "--blocking-threads", "4", "--respawn-failed-workers", "--workers-kill-timeout", "10", \
     "--http", "1", "--no-ws", "--http1-buffer-size", "16384", "--http1-header-read-timeout", "10000", \
     "config.wsgi:application"]
