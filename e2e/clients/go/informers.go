// Shared informers, and the watches under them.
package main

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/tools/cache"
	toolswatch "k8s.io/client-go/tools/watch"
	"k8s.io/utils/ptr"
)

func informersAgree(ctx context.Context, c *cluster) error {
	if err := c.configMaps(ctx, "informed", 20); err != nil {
		return err
	}
	for _, contentType := range []string{jsonType, protobufType} {
		if err := informerFollows(ctx, c, contentType); err != nil {
			return fmt.Errorf("%s: %w", contentType, err)
		}
	}
	return nil
}

// informerFollows sees what is there, then a creation, a change and a deletion, each once.
func informerFollows(ctx context.Context, c *cluster, contentType string) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	before := c.wire.now()
	factory := informers.NewSharedInformerFactoryWithOptions(c.as(contentType), 0, informers.WithNamespace(c.namespace))
	informer := factory.Core().V1().ConfigMaps()
	var added, updated, deleted atomic.Int32
	_, err := informer.Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(any) { added.Add(1) },
		UpdateFunc: func(any, any) { updated.Add(1) },
		DeleteFunc: func(any) { deleted.Add(1) },
	})
	if err != nil {
		return err
	}
	factory.Start(ctx.Done())
	for _, synced := range factory.WaitForCacheSync(ctx.Done()) {
		if !synced {
			return errors.New("the cache did not sync")
		}
	}
	selector := labels.SelectorFromSet(labels.Set{"made-for": "informed"})
	listed, err := informer.Lister().ConfigMaps(c.namespace).List(selector)
	if err != nil {
		return err
	}
	if err := all(expect("number listed", len(listed), 20), expectText("type of the answers", c.wire.since(before, "/configmaps")[0].answered, contentType)); err != nil {
		return err
	}
	known := added.Load()
	if err := createChangeDelete(ctx, c, contentType); err != nil {
		return err
	}
	return eventually(ctx, func(context.Context) error {
		return all(expect("added", added.Load(), known+1), expect("updated", updated.Load(), int32(1)), expect("deleted", deleted.Load(), int32(1)))
	})
}

func createChangeDelete(ctx context.Context, c *cluster, contentType string) error {
	maps := c.as(contentType).CoreV1().ConfigMaps(c.namespace)
	object, err := maps.Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "followed"}, BinaryData: map[string][]byte{"bytes": {0, 1, 255}}}, metav1.CreateOptions{})
	if err != nil {
		return err
	}
	object.Data = map[string]string{"umlaut": "Grüße ✓"}
	if object, err = maps.Update(ctx, object, metav1.UpdateOptions{}); err != nil {
		return err
	}
	if err := all(expect("data", object.Data["umlaut"], "Grüße ✓"), expect("binary data", object.BinaryData["bytes"], []byte{0, 1, 255})); err != nil {
		return err
	}
	return maps.Delete(ctx, "followed", metav1.DeleteOptions{})
}

// informersStartByWatchList sees that a reflector gets its state by one watch, and never lists.
func informersStartByWatchList(ctx context.Context, c *cluster) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	before := c.wire.now()
	factory := informers.NewSharedInformerFactoryWithOptions(c.client, 0, informers.WithNamespace(c.namespace))
	secrets := factory.Core().V1().Secrets().Informer()
	factory.Start(ctx.Done())
	if !cache.WaitForCacheSync(ctx.Done(), secrets.HasSynced) {
		return errors.New("the cache did not sync")
	}
	calls := c.wire.since(before, "/secrets")
	return all(
		expect("number of calls", len(calls), 1),
		expectText("the call", calls[0].url, "sendInitialEvents=true"),
		expectText("the call", calls[0].url, "resourceVersionMatch=NotOlderThan"),
	)
}

func watchListBookmark(ctx context.Context, c *cluster) error {
	if err := c.configMaps(ctx, "streamed", 5); err != nil {
		return err
	}
	watcher, err := c.client.CoreV1().ConfigMaps(c.namespace).Watch(ctx, metav1.ListOptions{
		LabelSelector: "made-for=streamed", SendInitialEvents: ptr.To(true), AllowWatchBookmarks: true, ResourceVersionMatch: metav1.ResourceVersionMatchNotOlderThan,
	})
	if err != nil {
		return err
	}
	defer watcher.Stop()
	for count := 0; ; count++ {
		event, open := <-watcher.ResultChan()
		if !open {
			return errors.New("the watch ended")
		}
		object := event.Object.(*corev1.ConfigMap)
		if event.Type == watch.Bookmark {
			return all(expect("events before the bookmark", count, 5), expect("annotation", object.Annotations[metav1.InitialEventsAnnotationKey], "true"))
		}
		if err := expect("event", event.Type, watch.Added); err != nil {
			return err
		}
	}
}

// watchGoesOn watches from a revision by RetryWatcher, which asks for bookmarks and never sees an event twice.
func watchGoesOn(ctx context.Context, c *cluster) error {
	list, err := c.client.CoreV1().ConfigMaps(c.namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	if err := c.configMaps(ctx, "later", 3); err != nil {
		return err
	}
	seen := map[string]int{}
	watched := cache.NewListWatchFromClient(c.client.CoreV1().RESTClient(), "configmaps", c.namespace, fields.Everything())
	_, err = toolswatch.Until(ctx, list.ResourceVersion, watched, func(event watch.Event) (bool, error) {
		if object, is := event.Object.(*corev1.ConfigMap); is && event.Type == watch.Added {
			seen[object.Name]++
		}
		return len(seen) == 3, nil
	})
	if err != nil {
		return err
	}
	_, old := c.client.CoreV1().ConfigMaps(c.namespace).Watch(ctx, metav1.ListOptions{ResourceVersion: "not-a-number"})
	return all(expect("events", seen, map[string]int{"later-000": 1, "later-001": 1, "later-002": 1}), expectText("a wrong revision", fmt.Sprint(old), "Invalid value: \"not-a-number\""))
}
