// What else an answer can be: errors, warnings, tables.
package main

import (
	"context"
	"fmt"
	"sync"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

func errorTypes(ctx context.Context, c *cluster) error {
	maps := c.client.CoreV1().ConfigMaps(c.namespace)
	object := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "only-one"}}
	if _, err := maps.Create(ctx, object, metav1.CreateOptions{}); err != nil {
		return err
	}
	_, exists := maps.Create(ctx, object, metav1.CreateOptions{})
	_, invalid := maps.Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "Not A Name"}}, metav1.CreateOptions{})
	_, missing := maps.Get(ctx, "nowhere", metav1.GetOptions{})
	anonymous := kubernetes.NewForConfigOrDie(rest.AnonymousClientConfig(c.config))
	_, forbidden := anonymous.CoreV1().ConfigMaps(c.namespace).List(ctx, metav1.ListOptions{})
	stale := rest.AnonymousClientConfig(c.config)
	stale.BearerToken = "not-a-token"
	_, unauthorized := kubernetes.NewForConfigOrDie(stale).CoreV1().ConfigMaps(c.namespace).List(ctx, metav1.ListOptions{})
	raw := c.client.CoreV1().RESTClient().Get().AbsPath("/apis/nowhere/v1").Do(ctx).Error()
	dry, err := maps.Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{GenerateName: "dry-"}}, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
	if err != nil {
		return err
	}
	_, unmade := maps.Get(ctx, dry.Name, metav1.GetOptions{})
	_, unknown := maps.Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "x"}}, metav1.CreateOptions{FieldValidation: "Sometimes"})
	return all(
		expect("already exists", apierrors.IsAlreadyExists(exists), true),
		expect("invalid", apierrors.IsInvalid(invalid), true),
		expect("not found", apierrors.IsNotFound(missing), true),
		expect("forbidden", apierrors.IsForbidden(forbidden), true),
		expect("unauthorized", apierrors.IsUnauthorized(unauthorized), true),
		expect("no such group", apierrors.IsNotFound(raw), true),
		expect("a dry run makes nothing", apierrors.IsNotFound(unmade), true),
		expect("unknown validation", apierrors.IsInvalid(unknown), true),
		expectText("message", fmt.Sprint(exists), `configmaps "only-one" already exists`),
	)
}

type warningList struct {
	mutex sync.Mutex
	texts []string
}

func (w *warningList) HandleWarningHeader(_ int, _ string, text string) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.texts = append(w.texts, text)
}

func warnings(ctx context.Context, c *cluster) error {
	heard := &warningList{}
	config := rest.CopyConfig(c.config)
	config.WarningHandler = heard
	client := kubernetes.NewForConfigOrDie(config)
	if _, err := client.CoreV1().Endpoints(c.namespace).List(ctx, metav1.ListOptions{}); err != nil {
		return err
	}
	body := `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"warned"},"dta":{}}`
	warned := client.CoreV1().RESTClient().Post().Namespace(c.namespace).Resource("configmaps").SetHeader("Content-Type", jsonType).
		Param("fieldValidation", "Warn").Body([]byte(body)).Do(ctx).Error()
	strict := client.CoreV1().RESTClient().Post().Namespace(c.namespace).Resource("configmaps").SetHeader("Content-Type", jsonType).
		Param("fieldValidation", "Strict").Body([]byte(body)).Do(ctx).Error()
	return all(
		warned,
		expect("warnings", heard.texts, []string{"v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice", `unknown field "dta"`}),
		expectText("strict", fmt.Sprint(strict), `strict decoding error: unknown field "dta"`),
	)
}

func tables(ctx context.Context, c *cluster) error {
	table := &metav1.Table{}
	err := c.client.CoreV1().RESTClient().Get().Namespace(c.namespace).Resource("configmaps").
		SetHeader("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io,application/json").
		Param("limit", "2").Do(ctx).Into(table)
	if err != nil {
		return err
	}
	return all(
		expect("columns", []string{table.ColumnDefinitions[0].Name, table.ColumnDefinitions[1].Name, table.ColumnDefinitions[2].Name}, []string{"Name", "Data", "Age"}),
		expect("rows", len(table.Rows), 2),
	)
}
