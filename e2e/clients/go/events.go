// Events by both recorders.
package main

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/scheme"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"
	eventsv1recorder "k8s.io/client-go/tools/events"
	"k8s.io/client-go/tools/record"
)

func events(ctx context.Context, c *cluster) error {
	object, err := c.client.CoreV1().ConfigMaps(c.namespace).Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "eventful"}}, metav1.CreateOptions{})
	if err != nil {
		return err
	}
	old := record.NewBroadcaster(record.WithContext(ctx))
	defer old.Shutdown()
	old.StartRecordingToSink(&corev1client.EventSinkImpl{Interface: c.client.CoreV1().Events(c.namespace)})
	recorder := old.NewRecorder(scheme.Scheme, corev1.EventSource{Component: "client-go"})
	for range 3 {
		recorder.Event(object, corev1.EventTypeNormal, "Seen", "seen again")
	}
	modern := eventsv1recorder.NewBroadcaster(&eventsv1recorder.EventSinkImpl{Interface: c.client.EventsV1()})
	defer modern.Shutdown()
	if err := modern.StartRecordingToSinkWithContext(ctx); err != nil {
		return err
	}
	modern.NewRecorder(scheme.Scheme, "client-go").Eventf(object, nil, corev1.EventTypeWarning, "Watched", "Watching", "watched by %s", "events.k8s.io")
	return eventually(ctx, func(ctx context.Context) error {
		return all(eventCount(ctx, c, "Seen", 3, "seen again"), eventCount(ctx, c, "Watched", 0, "watched by events.k8s.io"))
	})
}

func eventCount(ctx context.Context, c *cluster, reason string, count int32, message string) error {
	list, err := c.client.CoreV1().Events(c.namespace).List(ctx, metav1.ListOptions{FieldSelector: "involvedObject.name=eventful,reason=" + reason})
	if err != nil {
		return err
	}
	if err := expect("events of "+reason, len(list.Items), 1); err != nil {
		return err
	}
	return all(expect("count of "+reason, list.Items[0].Count, count), expect("message", list.Items[0].Message, message))
}
