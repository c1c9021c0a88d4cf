// Clients without types: dynamic and metadata.
package main

import (
	"context"
	"errors"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/dynamic/dynamicinformer"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/metadata/metadatainformer"
	"k8s.io/client-go/tools/cache"
)

var configMaps = schema.GroupVersionResource{Version: "v1", Resource: "configmaps"}
var definitions = schema.GroupVersionResource{Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions"}
var boats = schema.GroupVersionResource{Group: "sail.example.com", Version: "v1", Resource: "boats"}

func dynamicClient(ctx context.Context, c *cluster) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	client := dynamic.NewForConfigOrDie(c.config)
	maps := client.Resource(configMaps).Namespace(c.namespace)
	applied := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "untyped"}, "data": map[string]any{"a": "1"},
	}}
	if _, err := maps.Apply(ctx, "untyped", applied, metav1.ApplyOptions{FieldManager: "dynamic"}); err != nil {
		return err
	}
	factory := dynamicinformer.NewFilteredDynamicSharedInformerFactory(client, 0, c.namespace, nil)
	lister := factory.ForResource(configMaps)
	informer := lister.Informer()
	factory.Start(ctx.Done())
	if !cache.WaitForCacheSync(ctx.Done(), informer.HasSynced) {
		return errors.New("the cache did not sync")
	}
	object, err := lister.Lister().ByNamespace(c.namespace).Get("untyped")
	if err != nil {
		return err
	}
	value, _, _ := unstructured.NestedString(object.(*unstructured.Unstructured).Object, "data", "a")
	return expect("data", value, "1")
}

func boatDefinition() *unstructured.Unstructured {
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
		"metadata": map[string]any{"name": "boats.sail.example.com"},
		"spec": map[string]any{
			"group": "sail.example.com", "scope": "Namespaced",
			"names": map[string]any{"plural": "boats", "singular": "boat", "kind": "Boat", "listKind": "BoatList"},
			"versions": []any{map[string]any{
				"name": "v1", "served": true, "storage": true,
				"subresources": map[string]any{
					"status": map[string]any{},
					"scale":  map[string]any{"specReplicasPath": ".spec.sails", "statusReplicasPath": ".status.sails"},
				},
				"schema": map[string]any{"openAPIV3Schema": map[string]any{"type": "object", "properties": map[string]any{
					"spec": map[string]any{"type": "object", "properties": map[string]any{
						"sails": map[string]any{"type": "integer", "minimum": int64(1)},
					}},
					"status": map[string]any{"type": "object", "properties": map[string]any{"sails": map[string]any{"type": "integer"}}},
				}}},
			}},
		},
	}}
}

func boat(name string, sails int64) *unstructured.Unstructured {
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "sail.example.com/v1", "kind": "Boat", "metadata": map[string]any{"name": name}, "spec": map[string]any{"sails": sails},
	}}
}

func customKind(ctx context.Context, c *cluster) error {
	client := dynamic.NewForConfigOrDie(c.config)
	if _, err := client.Resource(definitions).Create(ctx, boatDefinition(), metav1.CreateOptions{}); err != nil {
		return err
	}
	mine := client.Resource(boats).Namespace(c.namespace)
	err := eventually(ctx, func(ctx context.Context) error {
		_, err := mine.Create(ctx, boat("sloop", 2), metav1.CreateOptions{})
		return err
	})
	if err != nil {
		return err
	}
	_, invalid := mine.Create(ctx, boat("hulk", 0), metav1.CreateOptions{})
	sloop, err := mine.Get(ctx, "sloop", metav1.GetOptions{})
	if err != nil {
		return err
	}
	if err := unstructured.SetNestedField(sloop.Object, int64(2), "status", "sails"); err != nil {
		return err
	}
	stated, err := mine.UpdateStatus(ctx, sloop, metav1.UpdateOptions{})
	if err != nil {
		return err
	}
	sails, _, _ := unstructured.NestedInt64(stated.Object, "status", "sails")
	return all(
		expect("status", sails, int64(2)),
		expect("generation", stated.GetGeneration(), int64(1)),
		expect("invalid", apierrors.IsInvalid(invalid), true),
		expectText("message", fmt.Sprint(invalid), "spec.sails in body should be greater than or equal to 1"),
	)
}

func metadataClient(ctx context.Context, c *cluster) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	before := c.wire.now()
	client := metadata.NewForConfigOrDie(metadata.ConfigFor(c.config))
	object, err := client.Resource(configMaps).Namespace(c.namespace).Get(ctx, "untyped", metav1.GetOptions{})
	if err != nil {
		return err
	}
	list, err := client.Resource(boats).Namespace(c.namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	factory := metadatainformer.NewFilteredSharedInformerFactory(client, 0, c.namespace, nil)
	informer := factory.ForResource(configMaps).Informer()
	factory.Start(ctx.Done())
	if !cache.WaitForCacheSync(ctx.Done(), informer.HasSynced) {
		return errors.New("the cache did not sync")
	}
	cached, found, err := informer.GetStore().GetByKey(c.namespace + "/untyped")
	if err != nil || !found {
		return fmt.Errorf("untyped is not in the store: %v", err)
	}
	return all(
		expect("uid", object.UID, cached.(runtime.Object).(*metav1.PartialObjectMetadata).UID),
		expect("boats", len(list.Items), 1),
		expectText("type of the answer", c.wire.since(before, "/configmaps/untyped")[0].answered, protobufType),
	)
}

func customKindGoes(ctx context.Context, c *cluster) error {
	client := dynamic.NewForConfigOrDie(c.config)
	if err := client.Resource(definitions).Delete(ctx, "boats.sail.example.com", metav1.DeleteOptions{}); err != nil {
		return err
	}
	return eventually(ctx, func(ctx context.Context) error {
		_, list := client.Resource(boats).Namespace(c.namespace).List(ctx, metav1.ListOptions{})
		_, get := client.Resource(definitions).Get(ctx, "boats.sail.example.com", metav1.GetOptions{})
		return all(expect("no boats", apierrors.IsNotFound(list), true), expect("no definition", apierrors.IsNotFound(get), true))
	})
}
