// Discovery, what client-go makes of it, and the OpenAPI documents.
package main

import (
	"context"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/restmapper"
)

func discoveryMapsKinds(ctx context.Context, c *cluster) error {
	before := c.wire.now()
	client := discovery.NewDiscoveryClientForConfigOrDie(c.config)
	groups, resources, failed, err := client.GroupsAndMaybeResources()
	if err != nil {
		return err
	}
	calls := c.wire.since(before)
	if err := all(
		expect("number of failed groups", len(failed), 0),
		expect("number of calls", len(calls), 2),
		expectText("type of the answer", calls[0].answered, "as=APIGroupDiscoveryList"),
		expect("resources of apps/v1", len(resources[schema.GroupVersion{Group: "apps", Version: "v1"}].APIResources) > 5, true),
		expect("groups", len(groups.Groups) > 15, true),
	); err != nil {
		return err
	}
	mapper := restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(client))
	expander := restmapper.NewShortcutExpander(mapper, client, nil)
	deployments, err := expander.ResourceFor(schema.GroupVersionResource{Resource: "deploy"})
	if err != nil {
		return err
	}
	mapping, err := mapper.RESTMapping(schema.GroupKind{Group: "rbac.authorization.k8s.io", Kind: "ClusterRole"})
	if err != nil {
		return err
	}
	_, missing := mapper.RESTMapping(schema.GroupKind{Group: "nowhere", Kind: "Nothing"})
	legacy, err := legacyDiscovery(client)
	if err != nil {
		return err
	}
	version, err := client.ServerVersion()
	if err != nil {
		return err
	}
	return all(
		expect("deploy", deployments, schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "deployments"}),
		expect("scope of ClusterRole", mapping.Scope.Name(), meta.RESTScopeNameRoot),
		expect("no match for an unknown kind", meta.IsNoMatchError(missing), true),
		expect("groups without aggregation", legacy, len(groups.Groups)),
		expect("version", version.Major+"."+version.Minor, "1.35"),
	)
}

// legacyDiscovery asks group by group, as older clients do.
func legacyDiscovery(client *discovery.DiscoveryClient) (int, error) {
	groups, resources, err := client.WithLegacy().ServerGroupsAndResources()
	if err != nil {
		return 0, err
	}
	names := map[string]bool{}
	for _, list := range resources {
		names[strings.Split(list.GroupVersion, "/")[0]] = true
	}
	return len(groups), expect("groups with resources", len(names) >= len(groups), true)
}

func openAPI(ctx context.Context, c *cluster) error {
	client := c.client.Discovery()
	second, err := client.OpenAPISchema()
	if err != nil {
		return err
	}
	third, err := client.OpenAPIV3().Paths()
	if err != nil {
		return err
	}
	document, err := third["apis/apps/v1"].Schema("application/com.github.proto-openapi.spec.v3@v1.0+protobuf")
	if err != nil {
		return err
	}
	return all(
		expect("paths of version 2", len(second.Paths.Path) > 100, true),
		expectText("version 3 of apps/v1", string(document), "io.k8s.api.apps.v1.Deployment"),
	)
}
