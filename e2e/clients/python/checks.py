"""Checks a cluster with the official Python client: one line a check, and the first failure ends it.

python checks.py KUBECONFIG
"""

import base64
import datetime
import sys
import threading
import time

from kubernetes import client, config, dynamic, utils, watch
from kubernetes.client.exceptions import ApiException
from kubernetes.dynamic.exceptions import ConflictError, NotFoundError

namespace = "python"


def expect(what, got, wanted):
    if got != wanted:
        raise AssertionError(f"{what} is {got!r}, not {wanted!r}")


def refused(status, reason, call, *arguments, **options):
    """The call must fail so; gives its message."""
    try:
        call(*arguments, **options)
    except ApiException as error:
        expect("status", error.status, status)
        expect("reason", error.reason, reason)
        return error.body
    raise AssertionError("nothing was refused")


def eventually(check):
    until = time.monotonic() + 20
    while True:
        try:
            return check()
        except AssertionError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


def config_map(name, **data):
    return client.V1ConfigMap(metadata=client.V1ObjectMeta(name=name, labels={"made-by": "python"}), data=data)


def creates_reads_updates_deletes():
    core = client.CoreV1Api()
    made = core.create_namespaced_config_map(namespace, config_map("one", word="Grüße ✓"))
    expect("type of the creation time", type(made.metadata.creation_timestamp), datetime.datetime)
    read = core.read_namespaced_config_map("one", namespace)
    expect("data", read.data, {"word": "Grüße ✓"})
    read.data["more"] = "yes"
    replaced = core.replace_namespaced_config_map("one", namespace, read)
    expect("new revision", replaced.metadata.resource_version != made.metadata.resource_version, True)
    stale = refused(409, "Conflict", core.replace_namespaced_config_map, "one", namespace, made)
    expect("words of the conflict", "the object has been modified" in stale, True)
    refused(409, "Conflict", core.create_namespaced_config_map, namespace, config_map("one"))
    status = core.delete_namespaced_config_map("one", namespace)
    expect("answer to the deletion", (status.status, status.details.name), ("Success", "one"))
    refused(404, "Not Found", core.read_namespaced_config_map, "one", namespace)
    refused(422, "Unprocessable Entity", core.create_namespaced_config_map, namespace, config_map("Not A Name"))


def bytes_survive():
    core = client.CoreV1Api()
    secret = client.V1Secret(metadata=client.V1ObjectMeta(name="bytes"), data={"all": base64.b64encode(bytes(range(256))).decode()}, string_data={"text": "plain"})
    made = core.create_namespaced_secret(namespace, secret)
    expect("bytes", base64.b64decode(made.data["all"]), bytes(range(256)))
    expect("text", base64.b64decode(made.data["text"]), b"plain")


def watches():
    core = client.CoreV1Api()
    start = core.list_namespaced_config_map(namespace).metadata.resource_version

    def write():
        core.create_namespaced_config_map(namespace, config_map("watched", step="1"))
        core.patch_namespaced_config_map("watched", namespace, {"data": {"step": "2"}})
        core.delete_namespaced_config_map("watched", namespace)

    writer = threading.Thread(target=write)
    writer.start()
    seen = []
    watcher = watch.Watch()
    for event in watcher.stream(core.list_namespaced_config_map, namespace, resource_version=start, label_selector="made-by=python", timeout_seconds=20):
        seen.append((event["type"], event["object"].data["step"]))
        if len(seen) == 3:
            watcher.stop()
    writer.join()
    expect("events", seen, [("ADDED", "1"), ("MODIFIED", "2"), ("DELETED", "2")])


def watch_ends_when_asked():
    started = time.monotonic()
    watcher = watch.Watch()
    list(watcher.stream(client.CoreV1Api().list_namespaced_secret, namespace, timeout_seconds=1))
    expect("about a second passed", 0.8 < time.monotonic() - started < 4, True)


def patches():
    apps = client.AppsV1Api()
    apps.create_namespaced_deployment(namespace, deployment("patched", 0))
    strategic = apps.patch_namespaced_deployment("patched", namespace, {"spec": {"template": {"spec": {"containers": [{"name": "side", "image": "example.com/side:1"}]}}}})
    expect("containers", [c.name for c in strategic.spec.template.spec.containers], ["side", "main"])
    operations = [{"op": "replace", "path": "/spec/replicas", "value": 2}]
    expect("replicas", apps.patch_namespaced_deployment("patched", namespace, operations).spec.replicas, 2)
    scale = apps.patch_namespaced_deployment_scale("patched", namespace, {"spec": {"replicas": 3}})
    expect("scale", (scale.spec.replicas, scale.status.selector), (3, "app=patched"))
    eventually(lambda: expect("ready replicas", apps.read_namespaced_deployment_status("patched", namespace).status.ready_replicas, 3))


def deployment(name, replicas):
    template = client.V1PodTemplateSpec(
        metadata=client.V1ObjectMeta(labels={"app": name}),
        spec=client.V1PodSpec(containers=[client.V1Container(name="main", image="example.com/app:1")]),
    )
    return client.V1Deployment(
        metadata=client.V1ObjectMeta(name=name),
        spec=client.V1DeploymentSpec(replicas=replicas, selector=client.V1LabelSelector(match_labels={"app": name}), template=template),
    )


def pages():
    core = client.CoreV1Api()
    for number in range(7):
        core.create_namespaced_config_map(namespace, config_map(f"page-{number}"))
    names, token = [], None
    while token is None or token:
        page = core.list_namespaced_config_map(namespace, limit=3, label_selector="made-by=python", **({"_continue": token} if token else {}))
        names += [item.metadata.name for item in page.items]
        token = page.metadata._continue or ""
    expect("names", names, [f"page-{number}" for number in range(7)])
    core.delete_collection_namespaced_config_map(namespace, label_selector="made-by=python")
    expect("what is left", core.list_namespaced_config_map(namespace, label_selector="made-by=python").items, [])


def dynamic_client():
    resources = dynamic.DynamicClient(client.ApiClient())
    definitions = resources.resources.get(api_version="apiextensions.k8s.io/v1", kind="CustomResourceDefinition")
    definitions.create(body=definition())
    eventually(lambda: expect("established", is_established(definitions), True))
    resources = dynamic.DynamicClient(client.ApiClient())
    snakes = resources.resources.get(api_version="zoo.example.com/v1", kind="Snake")
    expect("scope", snakes.namespaced, True)
    body = {"apiVersion": "zoo.example.com/v1", "kind": "Snake", "metadata": {"name": "kaa"}, "spec": {"metres": 3}}
    snakes.create(body=body, namespace=namespace)
    patched = snakes.patch(body={"spec": {"metres": 4}}, name="kaa", namespace=namespace, content_type="application/merge-patch+json")
    expect("metres", patched.spec.metres, 4)
    expect("kinds of the list", [item.kind for item in snakes.get(namespace=namespace).items], ["Snake"])
    for event in snakes.watch(namespace=namespace, timeout=5):
        expect("event", (event["type"], event["object"].metadata.name), ("ADDED", "kaa"))
        break
    snakes.delete(name="kaa", namespace=namespace)
    try:
        snakes.get(name="kaa", namespace=namespace)
    except NotFoundError:
        return definitions.delete(name="snakes.zoo.example.com")
    raise AssertionError("kaa is still there")


def is_established(definitions):
    conditions = definitions.get(name="snakes.zoo.example.com").status.conditions or []
    return any(c.type == "Established" and c.status == "True" for c in conditions)


def definition():
    schema = {"type": "object", "properties": {"spec": {"type": "object", "properties": {"metres": {"type": "integer"}}}}}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "snakes.zoo.example.com"},
        "spec": {
            "group": "zoo.example.com",
            "scope": "Namespaced",
            "names": {"plural": "snakes", "singular": "snake", "kind": "Snake", "listKind": "SnakeList"},
            "versions": [{"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}],
        },
    }


def server_side_apply():
    maps = dynamic.DynamicClient(client.ApiClient()).resources.get(api_version="v1", kind="ConfigMap")

    def apply(manager, data, **options):
        body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "applied", "namespace": namespace}, "data": data}
        return maps.server_side_apply(body=body, field_manager=manager, **options)

    apply("one", {"a": "1", "b": "1"})
    try:
        apply("two", {"a": "2"})
        raise AssertionError("there was no conflict")
    except ConflictError as error:
        expect("words of the conflict", 'conflict with \\"one\\": .data.a' in error.body.decode(), True)
    forced = apply("two", {"a": "2"}, force_conflicts=True)
    expect("data", forced.data.to_dict(), {"a": "2", "b": "1"})
    expect("what is no longer applied goes", apply("one", {}).data.to_dict(), {"a": "2"})


def manifests():
    api = client.ApiClient()
    utils.create_from_dict(api, {"apiVersion": "v1", "kind": "List", "items": [api.sanitize_for_serialization(d) for d in with_kind("listed-a", "listed-b")]}, namespace=namespace)
    names = [d.metadata.name for d in client.AppsV1Api().list_namespaced_deployment(namespace, field_selector="metadata.name!=patched").items]
    expect("deployments", names, ["listed-a", "listed-b"])


def with_kind(*names):
    for name in names:
        made = deployment(name, 0)
        made.api_version, made.kind = "apps/v1", "Deployment"
        yield made


def access():
    review = client.V1SelfSubjectAccessReview(
        spec=client.V1SelfSubjectAccessReviewSpec(resource_attributes=client.V1ResourceAttributes(verb="create", resource="pods", namespace=namespace))
    )
    expect("allowed", client.AuthorizationV1Api().create_self_subject_access_review(review).status.allowed, True)
    core = client.CoreV1Api()
    core.create_namespaced_service_account(namespace, client.V1ServiceAccount(metadata=client.V1ObjectMeta(name="snake")))
    request = client.AuthenticationV1TokenRequest(spec=client.V1TokenRequestSpec(audiences=["https://kubernetes.default.svc"], expiration_seconds=600))
    token = core.create_namespaced_service_account_token("snake", namespace, request).status.token
    mine = client.Configuration.get_default_copy()
    mine.cert_file = mine.key_file = None
    mine.api_key = {"authorization": f"Bearer {token}"}
    body = refused(403, "Forbidden", client.CoreV1Api(client.ApiClient(mine)).list_namespaced_pod, namespace)
    expect("who is refused", "system:serviceaccount:python:snake" in body, True)


def discovers():
    expect("version", client.VersionApi().get_code().git_version.startswith("v1.35."), True)
    groups = [group.name for group in client.ApisApi().get_api_versions().groups]
    expect("apps is there", "apps" in groups, True)
    names = [resource.name for resource in client.AppsV1Api().get_api_resources().resources]
    expect("deployments/scale is there", "deployments/scale" in names, True)


checks = [discovers, creates_reads_updates_deletes, bytes_survive, watches, watch_ends_when_asked, patches, pages, dynamic_client, server_side_apply, manifests, access]


def main(kubeconfig):
    config.load_kube_config(kubeconfig)
    client.CoreV1Api().create_namespace(client.V1Namespace(metadata=client.V1ObjectMeta(name=namespace)))
    for check in checks:
        check()
        print("ok", check.__name__.replace("_", " "), flush=True)


main(*sys.argv[1:])
