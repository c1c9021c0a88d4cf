// What is done to workloads: evictions and scales.
package main

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/restmapper"
	"k8s.io/client-go/scale"
	"k8s.io/client-go/util/retry"
	"k8s.io/utils/ptr"
)

// evictions are refused by a budget that has nothing left, and allowed without one.
func evictions(ctx context.Context, c *cluster) error {
	pods := c.client.CoreV1().Pods(c.namespace)
	for _, name := range []string{"guarded", "free"} {
		pod := &corev1.Pod{
			ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"guard": name}},
			Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "main", Image: "example.com/app:1"}}},
		}
		if _, err := pods.Create(ctx, pod, metav1.CreateOptions{}); err != nil {
			return err
		}
		running := func(ctx context.Context) error {
			pod, err := pods.Get(ctx, name, metav1.GetOptions{})
			if err != nil {
				return err
			}
			return expect("phase of "+name, pod.Status.Phase, corev1.PodRunning)
		}
		if err := eventually(ctx, running); err != nil {
			return err
		}
	}
	budget := &policyv1.PodDisruptionBudget{
		ObjectMeta: metav1.ObjectMeta{Name: "guard"},
		Spec:       policyv1.PodDisruptionBudgetSpec{MinAvailable: ptr.To(intstr.FromInt32(1)), Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"guard": "guarded"}}},
	}
	if _, err := c.client.PolicyV1().PodDisruptionBudgets(c.namespace).Create(ctx, budget, metav1.CreateOptions{}); err != nil {
		return err
	}
	if err := budgetIsSpent(ctx, c); err != nil {
		return err
	}
	evict := func(name string) error {
		return pods.EvictV1(ctx, &policyv1.Eviction{ObjectMeta: metav1.ObjectMeta{Name: name}, DeleteOptions: &metav1.DeleteOptions{GracePeriodSeconds: ptr.To(int64(0))}})
	}
	refused, allowed := evict("guarded"), evict("free")
	return all(
		expect("refused with", apierrors.IsTooManyRequests(refused), true),
		expectText("message", fmt.Sprint(refused), "Cannot evict pod as it would violate the pod's disruption budget."),
		allowed,
		eventually(ctx, func(ctx context.Context) error {
			_, err := pods.Get(ctx, "free", metav1.GetOptions{})
			return expect("the evicted pod is gone", apierrors.IsNotFound(err), true)
		}),
	)
}

// budgetIsSpent writes what a disruption controller says of the budget, unless it has: before that evictions are put off for 10 seconds.
func budgetIsSpent(ctx context.Context, c *cluster) error {
	budgets := c.client.PolicyV1().PodDisruptionBudgets(c.namespace)
	return retry.RetryOnConflict(retry.DefaultRetry, func() error {
		budget, err := budgets.Get(ctx, "guard", metav1.GetOptions{})
		if err != nil {
			return err
		}
		budget.Status = policyv1.PodDisruptionBudgetStatus{ObservedGeneration: budget.Generation, CurrentHealthy: 1, DesiredHealthy: 1, ExpectedPods: 1}
		_, err = budgets.UpdateStatus(ctx, budget, metav1.UpdateOptions{})
		return err
	})
}

func scales(ctx context.Context, c *cluster) error {
	if _, err := c.client.AppsV1().Deployments(c.namespace).Apply(ctx, deployment("scaled", c.namespace, 1), metav1.ApplyOptions{FieldManager: "scales"}); err != nil {
		return err
	}
	discovery := memory.NewMemCacheClient(c.client.Discovery())
	mapper := restmapper.NewDeferredDiscoveryRESTMapper(discovery)
	client, err := scale.NewForConfig(c.config, mapper, dynamic.LegacyAPIPathResolverFunc, scale.NewDiscoveryScaleKindResolver(discovery))
	if err != nil {
		return err
	}
	deployments := schema.GroupResource{Group: "apps", Resource: "deployments"}
	current, err := client.Scales(c.namespace).Get(ctx, deployments, "scaled", metav1.GetOptions{})
	if err != nil {
		return err
	}
	current.Spec.Replicas = 3
	if _, err := client.Scales(c.namespace).Update(ctx, deployments, current, metav1.UpdateOptions{}); err != nil {
		return err
	}
	custom, err := client.Scales(c.namespace).Patch(ctx, boats, "sloop", types.MergePatchType, []byte(`{"spec":{"replicas":5}}`), metav1.PatchOptions{})
	if err != nil {
		return err
	}
	return all(
		expect("selector", current.Status.Selector, "app=scaled"),
		expect("replicas of a custom kind", custom.Spec.Replicas, int32(5)),
		eventually(ctx, func(ctx context.Context) error {
			found, err := c.client.AppsV1().Deployments(c.namespace).Get(ctx, "scaled", metav1.GetOptions{})
			if err != nil {
				return err
			}
			return expect("ready replicas", found.Status.ReadyReplicas, int32(3))
		}),
	)
}
