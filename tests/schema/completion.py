#!/usr/bin/env python3
"""What an editor offers: asks a TOML language server, Tombi's, for completions in a graph file, as an editor with its extension does.

    python3 -m venv ~/tombi && ~/tombi/bin/pip install tombi==1.9.6
    tests/schema/completion.py ~/tombi/bin/tombi build/release/bin/generalizer

Prints what is offered at a few places, and ends with 1 when something is missing there. Not a test of ctest's: the server comes from PyPI.
"""
import json
import pathlib
import subprocess
import sys
import tempfile

GRAPH = """#:schema ./generalizer.schema.json
name = "mine"

[train]


[classifier]
loss = "cross_entropy"
optimizer = { type = "adam",  }

[[classifier.layers]]
name = "conv"
type = "conv2d"

[[classifier.layers]]
type = ""

[[decoder]]
tap = "conv"

"""

# (a line of the text, column, how many lines below it, what must be among the offers)
PLACES = [
    ("[train]", 0, 1, {"epochs", "batch", "early_stopping", "best_by"}),
    ('optimizer = { type = "adam",  }', 29, 0, {"learning_rate", "beta1", "clip_norm", "schedule"}),
    ('type = "conv2d"', 0, 1, {"filters", "kernel", "padding", "dilation", "freeze"}),
    ('type = ""', 8, 0, {'"dense"', '"conv2d"', '"batch_norm"', '"multi_head_attention"'}),
    ('tap = "conv"', 0, 1, {"sign", "weight", "every", "target"}),
]


class Server:
    def __init__(self, command):
        self.process = subprocess.Popen([command, "lsp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL)
        self.count = 0

    def send(self, message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def receive(self):
        length = 0
        while (line := self.process.stdout.readline().strip()):
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        return json.loads(self.process.stdout.read(length))

    def ask(self, method, params):
        self.count += 1
        self.send({"id": self.count, "method": method, "params": params})
        while True:
            message = self.receive()
            if "method" in message and "id" in message:  # the server asks for the configuration
                items = (message.get("params") or {}).get("items")
                self.send({"id": message["id"], "result": None if items is None else [{} for _ in items]})
            elif message.get("id") == self.count:
                return message.get("result")

    def tell(self, method, params):
        self.send({"method": method, "params": params})


def main():
    command, program = sys.argv[1:3]
    folder = pathlib.Path(tempfile.mkdtemp())
    (folder / "generalizer.schema.json").write_bytes(subprocess.run([program, "schema"], check=True, capture_output=True).stdout)
    graph = folder / "mine.toml"
    graph.write_text(GRAPH)
    lines = GRAPH.split("\n")

    server = Server(command)
    server.ask("initialize", {"processId": None, "rootUri": folder.as_uri(), "capabilities": {},
                              "workspaceFolders": [{"uri": folder.as_uri(), "name": "graphs"}]})
    server.tell("initialized", {})
    server.tell("textDocument/didOpen", {"textDocument": {"uri": graph.as_uri(), "languageId": "toml", "version": 1, "text": GRAPH}})
    missing = False
    for line, column, below, wanted in PLACES:
        row = lines.index(line) + below
        offers = []
        for _ in range(20):  # the schema is loaded while it already answers
            result = server.ask("textDocument/completion", {"textDocument": {"uri": graph.as_uri()},
                                                            "position": {"line": row, "character": column}})
            items = result["items"] if isinstance(result, dict) else result or []
            offers = [item["label"] for item in items]
            if offers:
                break
        print(f"line {row + 1}, column {column + 1} ({lines[row] or 'an empty line under ' + line}): {len(offers)} offers: {', '.join(offers)}")
        if not wanted <= set(offers):
            print(f"  missing: {', '.join(sorted(wanted - set(offers)))}")
            missing = True
    server.process.kill()
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
