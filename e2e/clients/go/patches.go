// Patches of every type.
package main

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

func patches(ctx context.Context, c *cluster) error {
	pods := c.client.CoreV1().Pods(c.namespace)
	_, err := pods.Create(ctx, &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: "patched", Labels: map[string]string{"a": "1"}},
		Spec: corev1.PodSpec{
			NodeSelector: map[string]string{"no": "such-node"},
			Containers:   []corev1.Container{{Name: "one", Image: "example.com/one:1"}, {Name: "two", Image: "example.com/two:1"}},
			Tolerations:  []corev1.Toleration{{Key: "first", Operator: corev1.TolerationOpExists}},
		},
	}, metav1.CreateOptions{})
	if err != nil {
		return err
	}
	patch := func(kind types.PatchType, body string) (*corev1.Pod, error) {
		return pods.Patch(ctx, "patched", kind, []byte(body), metav1.PatchOptions{})
	}
	strategic, err := patch(types.StrategicMergePatchType, `{"spec":{"containers":[{"name":"two","image":"example.com/two:2"}]}}`)
	if err != nil {
		return err
	}
	merge, err := patch(types.MergePatchType, `{"metadata":{"labels":{"a":null,"b":"2"}}}`)
	if err != nil {
		return err
	}
	json, err := patch(types.JSONPatchType, `[{"op":"test","path":"/metadata/labels/b","value":"2"},{"op":"replace","path":"/spec/containers/0/image","value":"example.com/one:2"}]`)
	if err != nil {
		return err
	}
	_, untrue := patch(types.JSONPatchType, `[{"op":"test","path":"/metadata/labels/b","value":"3"}]`)
	_, wrong := patch(types.MergePatchType, `{"metadata":`)
	_, immutable := patch(types.MergePatchType, `{"spec":{"nodeName":"elsewhere"}}`)
	return all(
		expect("containers", len(strategic.Spec.Containers), 2),
		expect("image by name", strategic.Spec.Containers[1].Image, "example.com/two:2"),
		expect("labels", merge.Labels, map[string]string{"b": "2"}),
		expect("image by index", json.Spec.Containers[0].Image, "example.com/one:2"),
		expect("a test that fails", apierrors.IsInvalid(untrue), true),
		expect("broken JSON", apierrors.IsBadRequest(wrong), true),
		expect("an immutable field", apierrors.IsInvalid(immutable), true),
		expectText("message", fmt.Sprint(immutable), "pod updates may not change fields other than"),
	)
}
