// Lists in pages.
package main

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/pager"
)

func listsContinue(ctx context.Context, c *cluster) error {
	if err := c.configMaps(ctx, "paged", 25); err != nil {
		return err
	}
	maps := c.client.CoreV1().ConfigMaps(c.namespace)
	before := c.wire.now()
	pages := pager.New(pager.SimplePageFunc(func(options metav1.ListOptions) (runtime.Object, error) { return maps.List(ctx, options) }))
	pages.PageSize = 10
	var names []string
	err := pages.EachListItem(ctx, metav1.ListOptions{LabelSelector: "made-for=paged"}, func(object runtime.Object) error {
		names = append(names, object.(*corev1.ConfigMap).Name)
		return nil
	})
	if err != nil {
		return err
	}
	for i, name := range names {
		if err := expect("name", name, fmt.Sprintf("paged-%03d", i)); err != nil {
			return err
		}
	}
	first, err := maps.List(ctx, metav1.ListOptions{Limit: 5})
	if err != nil {
		return err
	}
	all25, err := maps.List(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	return all(
		expect("number of items", len(names), 25),
		expect("number of pages", len(c.wire.since(before, "limit=10")), 3),
		expect("remaining", *first.RemainingItemCount, int64(len(all25.Items)-5)),
		snapshotStays(ctx, c, first),
	)
}

// snapshotStays sees that a later page shows the state of the first one.
func snapshotStays(ctx context.Context, c *cluster, first *corev1.ConfigMapList) error {
	maps := c.client.CoreV1().ConfigMaps(c.namespace)
	if _, err := maps.Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "zzz-after"}}, metav1.CreateOptions{}); err != nil {
		return err
	}
	rest, err := maps.List(ctx, metav1.ListOptions{Limit: 500, Continue: first.Continue})
	if err != nil {
		return err
	}
	return all(
		expect("revision", rest.ResourceVersion, first.ResourceVersion),
		expect("items after the first page", len(rest.Items), int(*first.RemainingItemCount)),
		expect("continue", rest.Continue, ""),
	)
}

func continueExpires(ctx context.Context, c *cluster) error {
	_, err := c.client.CoreV1().ConfigMaps(c.namespace).List(ctx, metav1.ListOptions{Limit: 1, Continue: "bm9uc2Vuc2U"})
	return all(expect("bad request", apierrors.IsBadRequest(err), true), expectText("message", fmt.Sprint(err), "continue key is not valid"))
}
