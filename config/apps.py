"""Every process that runs Django publishes its tasks through our Celery application: web, commands, tests."""

from __future__ import annotations

from django.apps import AppConfig

from config.celery import app as celery_app

__all__ = ["LivingMapsConfig", "celery_app"]


class LivingMapsConfig(AppConfig):
    name = "config"
