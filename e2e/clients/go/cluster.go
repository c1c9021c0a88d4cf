// The cluster under test: its clients, a namespace of our own, and what went over the wire.
package main

import (
	"context"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

const jsonType = "application/json"
const protobufType = "application/vnd.kubernetes.protobuf"

type cluster struct {
	config    *rest.Config
	client    kubernetes.Interface
	namespace string
	wire      *wire
}

func connect(ctx context.Context, kubeconfig, contentType string) (*cluster, error) {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return nil, err
	}
	config.QPS, config.Burst = 500, 1000
	wire := &wire{}
	config.Wrap(wire.wrap)
	typed := rest.CopyConfig(config)
	typed.ContentType, typed.AcceptContentTypes = contentType, contentType
	client, err := kubernetes.NewForConfig(typed)
	if err != nil {
		return nil, err
	}
	space, err := client.CoreV1().Namespaces().Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "client-go-"}}, metav1.CreateOptions{})
	if err != nil {
		return nil, err
	}
	return &cluster{config: config, client: client, namespace: space.Name, wire: wire}, nil
}

// as gives clients that ask for and send one content type.
func (c *cluster) as(contentType string) *kubernetes.Clientset {
	config := rest.CopyConfig(c.config)
	config.ContentType = contentType
	config.AcceptContentTypes = contentType
	return kubernetes.NewForConfigOrDie(config)
}

// configMaps makes some with one label, and gives their number back as it is now.
func (c *cluster) configMaps(ctx context.Context, label string, count int) error {
	for i := range count {
		object := &corev1.ConfigMap{
			ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("%s-%03d", label, i), Labels: map[string]string{"made-for": label}},
			Data:       map[string]string{"number": fmt.Sprint(i)},
		}
		if _, err := c.client.CoreV1().ConfigMaps(c.namespace).Create(ctx, object, metav1.CreateOptions{}); err != nil {
			return err
		}
	}
	return nil
}

// A call is a request as it was sent, with the type of its answer.
type call struct {
	method, url, accept, sent, answered string
}

// wire notes every call of the clients made from the cluster's configuration.
type wire struct {
	mutex sync.Mutex
	calls []call
}

func (w *wire) wrap(inner http.RoundTripper) http.RoundTripper {
	return roundTripper(func(request *http.Request) (*http.Response, error) {
		response, err := inner.RoundTrip(request)
		if err == nil {
			w.mutex.Lock()
			defer w.mutex.Unlock()
			w.calls = append(w.calls, call{request.Method, request.URL.String(), request.Header.Get("Accept"), request.Header.Get("Content-Type"), response.Header.Get("Content-Type")})
		}
		return response, err
	})
}

// since gives the calls after the first n whose URL has all of the parts.
func (w *wire) since(n int, parts ...string) []call {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	var found []call
	for _, call := range w.calls[n:] {
		matches := true
		for _, part := range parts {
			matches = matches && strings.Contains(call.url, part)
		}
		if matches {
			found = append(found, call)
		}
	}
	return found
}

func (w *wire) now() int {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return len(w.calls)
}

type roundTripper func(*http.Request) (*http.Response, error)

func (r roundTripper) RoundTrip(request *http.Request) (*http.Response, error) { return r(request) }

// eventually waits for a condition; it fails with the last reason why it did not hold.
func eventually(ctx context.Context, condition func(context.Context) error) error {
	var last error
	err := wait.PollUntilContextTimeout(ctx, 50*time.Millisecond, 30*time.Second, true, func(ctx context.Context) (bool, error) {
		last = condition(ctx)
		return last == nil, nil
	})
	if err != nil && last != nil {
		return last
	}
	return err
}

func expect(what string, got, wanted any) error {
	if reflect.DeepEqual(got, wanted) {
		return nil
	}
	return fmt.Errorf("%s is %v, not %v", what, got, wanted)
}

func expectText(what, got, part string) error {
	if strings.Contains(got, part) {
		return nil
	}
	return fmt.Errorf("%s is %q and does not have %q", what, got, part)
}

// all gives the first failure of several expectations.
func all(errors ...error) error {
	for _, err := range errors {
		if err != nil {
			return err
		}
	}
	return nil
}
