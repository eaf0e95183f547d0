"""OpenStack Swift with its S3 API in one process, as Swift's own tests start it: one copy of each object, below one folder.

Usage: swift-server.py FOLDER PORT. Prints "ready" when it answers. The credentials are "runlight:test" and "secret"; the bucket
"full" takes 1 MB.
"""

import eventlet
import eventlet.wsgi

eventlet.monkey_patch()

import ctypes
import os
import sys
from array import array
from logging import CRITICAL, getLogger

from swift.account.server import AccountController
from swift.common import utils
from swift.common.http_protocol import SwiftHttpProtocol
from swift.common.ring import RingData
from swift.common.swob import Request
from swift.common.wsgi import loadapp
from swift.container.server import ContainerController
from swift.obj.server import ObjectController

PROXY = """
[DEFAULT]
swift_dir = {folder}
[pipeline:main]
pipeline = catch_errors s3api tempauth container-quotas slo proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
allow_account_management = true
error_suppression_interval = 0
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:s3api]
use = egg:swift#s3api
s3_acl = false
min_segment_size = 1
allow_multipart_uploads = true
[filter:tempauth]
use = egg:swift#tempauth
user_runlight_test = secret .admin
[filter:container-quotas]
use = egg:swift#container_quotas
[filter:slo]
use = egg:swift#slo
"""


class Cache:
    """In place of memcached, which Swift shares between its processes."""

    def __init__(self):
        self.values = {}

    def get(self, key, raise_on_error=False):
        return self.values.get(key)

    def set(self, key, value, **_options):
        self.values[key] = value

    def incr(self, key, delta=1, **_options):
        self.values[key] = self.values.get(key, 0) + delta
        return self.values[key]

    def delete(self, key, **_options):
        self.values.pop(key, None)


def with_cache(app):
    cache = Cache()

    def answer(env, start_response):
        env["swift.cache"] = cache
        return app(env, start_response)

    return answer


def serve(listener, app):
    quiet = utils.NullLogger()
    eventlet.spawn(eventlet.wsgi.server, listener, app, quiet, protocol=SwiftHttpProtocol, log_output=False)


def main(folder, port):
    # It ends with the process that started it.
    ctypes.CDLL(None).prctl(1, 9)
    utils.HASH_PATH_SUFFIX = b"test"
    getLogger().setLevel(CRITICAL)
    os.makedirs(os.path.join(folder, "devices", "sda"), exist_ok=True)
    conf = {
        "devices": os.path.join(folder, "devices"),
        "swift_dir": folder,
        "mount_check": "false",
        "fallocate_reserve": "0",
        "disable_fallocate": "true",
    }
    for name, controller in (("account", AccountController), ("container", ContainerController), ("object", ObjectController)):
        listener = eventlet.listen(("127.0.0.1", 0))
        device = {"id": 0, "zone": 0, "region": 1, "ip": "127.0.0.1", "port": listener.getsockname()[1], "device": "sda"}
        RingData([array("H", [0, 0])], [device], 31).save(os.path.join(folder, name + ".ring.gz"))
        serve(listener, controller(conf))
    conf_file = os.path.join(folder, "proxy.conf")
    with open(conf_file, "w") as file:
        file.write(PROXY.format(folder=folder))
    app = loadapp(conf_file)
    inner = app
    while hasattr(inner, "app"):
        inner = inner.app
    full = {"X-Container-Meta-Quota-Bytes": "1000000"}
    Request.blank("/v1/AUTH_runlight/full", environ={"REQUEST_METHOD": "PUT", "swift_owner": True}, headers=full).get_response(inner)
    serve(eventlet.listen(("127.0.0.1", int(port)), backlog=1024), with_cache(app))
    print("ready", flush=True)
    eventlet.event.Event().wait()


main(*sys.argv[1:])
