// Server-side apply with typed configurations.
package main

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	appsapply "k8s.io/client-go/applyconfigurations/apps/v1"
	coreapply "k8s.io/client-go/applyconfigurations/core/v1"
	metaapply "k8s.io/client-go/applyconfigurations/meta/v1"
)

func deployment(name, namespace string, replicas int32) *appsapply.DeploymentApplyConfiguration {
	labels := map[string]string{"app": name}
	return appsapply.Deployment(name, namespace).WithSpec(appsapply.DeploymentSpec().
		WithReplicas(replicas).
		WithSelector(metaapply.LabelSelector().WithMatchLabels(labels)).
		WithTemplate(coreapply.PodTemplateSpec().WithLabels(labels).WithSpec(coreapply.PodSpec().
			WithContainers(coreapply.Container().WithName("main").WithImage("example.com/app:1")))))
}

func typedApply(ctx context.Context, c *cluster) error {
	deployments := c.client.AppsV1().Deployments(c.namespace)
	options := metav1.ApplyOptions{FieldManager: "one"}
	made, err := deployments.Apply(ctx, deployment("applied", c.namespace, 0), options)
	if err != nil {
		return err
	}
	again, err := deployments.Apply(ctx, deployment("applied", c.namespace, 0), options)
	if err != nil {
		return err
	}
	_, conflict := deployments.Apply(ctx, deployment("applied", c.namespace, 1), metav1.ApplyOptions{FieldManager: "two"})
	if err := all(
		expect("generation after applying the same", again.Generation, made.Generation),
		expect("conflict", apierrors.IsConflict(conflict), true),
		expect("message", fmt.Sprint(conflict), `Apply failed with 1 conflict: conflict with "one": .spec.replicas`),
	); err != nil {
		return err
	}
	forced, err := deployments.Apply(ctx, deployment("applied", c.namespace, 2), metav1.ApplyOptions{FieldManager: "two", Force: true})
	if err != nil {
		return err
	}
	// What the first manager no longer names stays, as the second one owns it.
	without := deployment("applied", c.namespace, 0)
	without.Spec.Replicas = nil
	left, err := deployments.Apply(ctx, without, options)
	if err != nil {
		return err
	}
	return all(expect("forced replicas", *forced.Spec.Replicas, int32(2)), expect("replicas left", *left.Spec.Replicas, int32(2)))
}

func applyStatus(ctx context.Context, c *cluster) error {
	pods := c.client.CoreV1().Pods(c.namespace)
	pod := coreapply.Pod("stated", c.namespace).WithSpec(coreapply.PodSpec().
		WithNodeSelector(map[string]string{"no": "such-node"}).
		WithContainers(coreapply.Container().WithName("main").WithImage("example.com/app:1")))
	if _, err := pods.Apply(ctx, pod, metav1.ApplyOptions{FieldManager: "maker"}); err != nil {
		return err
	}
	status := coreapply.Pod("stated", c.namespace).WithStatus(coreapply.PodStatus().WithConditions(
		coreapply.PodCondition().WithType("example.com/Seen").WithStatus("True")))
	stated, err := pods.ApplyStatus(ctx, status, metav1.ApplyOptions{FieldManager: "watcher"})
	if err != nil {
		return err
	}
	spec, err := coreapply.ExtractPod(stated, "maker")
	if err != nil {
		return err
	}
	extracted, err := coreapply.ExtractPodStatus(stated, "watcher")
	if err != nil {
		return err
	}
	return all(
		expect("image extracted", *spec.Spec.Containers[0].Image, "example.com/app:1"),
		expect("defaults are not the maker's", spec.Spec.RestartPolicy == nil, true),
		expect("condition extracted", *extracted.Status.Conditions[0].Status, corev1.ConditionTrue),
	)
}
