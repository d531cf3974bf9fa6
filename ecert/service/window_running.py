"""Runs the service with uvicorn."""

from __future__ import annotations

import os
import shutil
import ssl
import tempfile
from typing import TYPE_CHECKING, Any

import uvicorn

from ecert.service.client_certificates import CertificateProtocol, tls_context
from ecert.service.metrics import FOLDER_VARIABLE as METRICS
from ecert.service.running import require_address
from ecert.service.serve import FOLDER_VARIABLE

if TYPE_CHECKING:
    from pathlib import Path

    from ecert.workspace.service_settings import ServiceSettings

_GRACE_SECONDS = 10


def run(folder: Path, settings: ServiceSettings) -> None:
    """Serve until stopped; what is under way then has ten seconds to end.

    Args:
        folder: The workspace.
        settings: How it runs.

    Raises:
        WorkspaceError: Nobody can listen at that address.
    """
    require_address(settings.host, settings.port)
    # The processes are told in their environment.
    os.environ[FOLDER_VARIABLE] = str(folder.resolve())
    os.environ |= settings.to_environment()
    figures = tempfile.mkdtemp(prefix="ecert-metrics-") if settings.workers > 1 else None
    if figures is not None:
        os.environ[METRICS] = figures
    try:
        uvicorn.run(
            "ecert.service.serve:create", factory=True,
            host=settings.host, port=settings.port, workers=settings.workers,
            log_config=None, access_log=False, server_header=False,
            timeout_graceful_shutdown=_GRACE_SECONDS,
            # What a proxy says is read by `Proxied`, and only if the settings name the proxy.
            proxy_headers=False, **_tls(settings),
        )  # fmt: skip
    finally:
        if figures is not None:
            shutil.rmtree(figures, ignore_errors=True)


def _tls(settings: ServiceSettings) -> dict[str, Any]:
    if settings.certificate is None:
        return {}
    asked = ssl.CERT_NONE if settings.client_ca is None else ssl.CERT_OPTIONAL
    return {
        "ssl_certfile": settings.certificate,
        "ssl_keyfile": settings.certificate_key,
        "ssl_ca_certs": settings.client_ca,
        # Whoever has no certificate may have a token, or want what is public.
        "ssl_cert_reqs": asked,
        "ssl_context_factory": tls_context,
        "http": CertificateProtocol,
    }
