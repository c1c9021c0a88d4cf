"""What goes on between a program and containers, by the official Python client: commands, logs, ports.

python streams.py KUBECONFIG POD_OF_WEB
"""

import sys

from kubernetes import client, config
from kubernetes.stream import portforward, stream


def main(kubeconfig, web):
    config.load_kube_config(kubeconfig)
    core = client.CoreV1Api()
    flags = {"stderr": True, "stdin": False, "stdout": True, "tty": False}
    said = stream(core.connect_get_namespaced_pod_exec, "client", "default", command=["sh", "-c", "echo by Python"], **flags)
    print("exec:", said.strip())
    session = stream(core.connect_get_namespaced_pod_exec, "client", "default", command=["sh", "-c", "read word; echo heard $word; exit 4"], **{**flags, "stdin": True}, _preload_content=False)
    session.write_stdin("hello\n")
    session.run_forever(timeout=20)
    print("session:", session.read_stdout().strip(), session.returncode)
    print("log:", core.read_namespaced_pod_log("talker", "default", follow=True).splitlines())
    forward = portforward(core.connect_get_namespaced_pod_portforward, web, "default", ports="8080")
    connection = forward.socket(8080)
    connection.setblocking(True)
    connection.settimeout(20)
    connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
    heard = b""
    while part := connection.recv(4096):
        heard += part
    print("port:", heard.decode().splitlines()[-1])


main(*sys.argv[1:])
