"""Serve TensorBoard at /tb, behind a reverse proxy that passes each path on as it is."""

import threading
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit
from urllib.request import urlopen

from tensorboard import program
from tensorboard.summary import Writer

writer = Writer("logs/run")
writer.add_scalar("loss", 0.75, step=0)
writer.close()

server = program.TensorBoard()
server.configure(["tensorboard", "--logdir=logs", "--port=0", "--path_prefix=/tb"])
port = urlsplit(server.launch()).port


class Proxy(BaseHTTPRequestHandler):
    def do_GET(self):
        backend = HTTPConnection("localhost", port)
        backend.request("GET", self.path)
        answer = backend.getresponse()
        self.send_response(answer.status)
        self.end_headers()
        self.wfile.write(answer.read())


proxy = ThreadingHTTPServer(("localhost", 0), Proxy)
threading.Thread(target=proxy.serve_forever, daemon=True).start()
outside = "http://localhost:%d/tb/" % proxy.server_port
page = urlopen(outside)
data = urlopen(outside + "data/plugins_listing")
print("page:", page.status, "data:", data.status)
