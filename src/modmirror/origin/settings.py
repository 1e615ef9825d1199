"""Settings of modules that are made straight from their repositories."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class OriginSettings:
    """How repositories are kept and asked."""

    path: str = ""
    """Directory of kept repositories; empty means ``repositories`` beside the store."""
    max_bytes: int = 21_474_836_480
    """Disk that kept repositories may use: 20 GiB. The one unused for longest goes first."""
    refresh: float = 60.0
    """Seconds after which a repository is asked again what its names point at."""
    timeout: float = 60.0
    """Seconds a client waits for a repository."""
    background_timeout: float = 600.0
    """Seconds a fetch may take in all; it goes on when the client has been answered."""
    discovery: float = 600.0
    """Seconds for which it is remembered where the repository of a module path is."""
    discovery_absent: float = 60.0
    """Seconds for which it is remembered that a module path has no repository."""
    discovery_timeout: float = 15.0
    """Seconds that finding the repository of a module path may take."""
    govcs: str = "public:git|hg,private:all"
    """Which version control systems may be used, as in GOVCS. Private are the routes with
    ``sumdb = "off"``."""
    search_path: str = "/usr/local/bin:/usr/bin:/bin"
    """Directories where git, hg, svn, fossil and ssh are looked for, and nowhere else. Relative ones do not
    count."""


@dataclass(frozen=True, slots=True)
class AccessSettings:
    """A key to private repositories. A route uses it by naming it, and only for the URLs it is for."""

    name: str
    """What routes call it."""
    kind: Literal["password", "token", "netrc", "ssh", "github-app"]
    """``password`` and ``token`` (as bearer) over https; ``netrc``, a file of passwords by host; ``ssh``, a
    private key; ``github-app``, whose tokens are fetched and renewed."""
    url: str = ""
    """URL prefix that it is for: scheme, host, port and path must match whole elements. Not for netrc."""
    username: str = ""
    """User name that goes with the password, or with an SSH key (empty: the one in the URL)."""
    secret_env: str = ""
    """Environment variable holding the password, token, netrc text or private key."""
    secret_file: str = ""
    """File holding the same; for a password or token a final newline is dropped."""
    known_hosts_file: str = ""
    """For ssh: host keys as in ``known_hosts``. Hosts that are not in it are never connected to."""
    app_id: str = ""
    """For github-app: its App ID or client ID."""
    installation_id: str = ""
    """For github-app: the installation whose repositories are read."""
    api_url: str = "https://api.github.com"
    """For github-app: base URL of the API; ``https://HOST/api/v3`` on GitHub Enterprise Server."""
