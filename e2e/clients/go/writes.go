// Writes that meet others, and deletions.
package main

import (
	"context"
	"fmt"
	"sync"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/retry"
	"k8s.io/utils/ptr"
)

// conflicts lets eight writers count up together: none of them is lost.
func conflicts(ctx context.Context, c *cluster) error {
	maps := c.client.CoreV1().ConfigMaps(c.namespace)
	if _, err := maps.Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "counter"}}, metav1.CreateOptions{}); err != nil {
		return err
	}
	errors := make([]error, 8)
	var group sync.WaitGroup
	for writer := range errors {
		group.Add(1)
		go func() {
			defer group.Done()
			errors[writer] = retry.OnError(retry.DefaultBackoff, apierrors.IsConflict, func() error { return addKey(ctx, c, fmt.Sprint(writer)) })
		}()
	}
	group.Wait()
	counted, err := maps.Get(ctx, "counter", metav1.GetOptions{})
	if err != nil {
		return err
	}
	stale := counted.DeepCopy()
	if err := addKey(ctx, c, "last"); err != nil {
		return err
	}
	_, conflict := maps.Update(ctx, stale, metav1.UpdateOptions{})
	return all(all(errors...), expect("keys", len(counted.Data), 8), expect("conflict", apierrors.IsConflict(conflict), true))
}

func addKey(ctx context.Context, c *cluster, key string) error {
	maps := c.client.CoreV1().ConfigMaps(c.namespace)
	return retry.RetryOnConflict(retry.DefaultRetry, func() error {
		object, err := maps.Get(ctx, "counter", metav1.GetOptions{})
		if err != nil {
			return err
		}
		if object.Data == nil {
			object.Data = map[string]string{}
		}
		object.Data[key] = "counted"
		_, err = maps.Update(ctx, object, metav1.UpdateOptions{})
		return err
	})
}

func deletions(ctx context.Context, c *cluster) error {
	maps := c.client.CoreV1().ConfigMaps(c.namespace)
	object, err := maps.Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "held", Labels: map[string]string{"hold": "me"}, Finalizers: []string{"example.com/hold"}}}, metav1.CreateOptions{})
	if err != nil {
		return err
	}
	wrong := maps.Delete(ctx, "held", metav1.DeleteOptions{Preconditions: metav1.NewUIDPreconditions("another")})
	right := maps.Delete(ctx, "held", metav1.DeleteOptions{Preconditions: &metav1.Preconditions{UID: &object.UID, ResourceVersion: ptr.To(object.ResourceVersion)}})
	held, err := maps.Get(ctx, "held", metav1.GetOptions{})
	if err != nil {
		return err
	}
	if err := all(right, expect("conflict", apierrors.IsConflict(wrong), true), expect("is being deleted", held.DeletionTimestamp != nil, true)); err != nil {
		return err
	}
	if _, err := maps.Patch(ctx, "held", types.MergePatchType, []byte(`{"metadata":{"finalizers":null}}`), metav1.PatchOptions{}); err != nil {
		return err
	}
	_, gone := maps.Get(ctx, "held", metav1.GetOptions{})
	if err := c.configMaps(ctx, "many", 5); err != nil {
		return err
	}
	collection := maps.DeleteCollection(ctx, metav1.DeleteOptions{}, metav1.ListOptions{LabelSelector: "made-for=many"})
	left, err := maps.List(ctx, metav1.ListOptions{LabelSelector: "made-for=many"})
	if err != nil {
		return err
	}
	return all(collection, expect("gone", apierrors.IsNotFound(gone), true), expect("left of the collection", len(left.Items), 0))
}
