// An operator as users write them with controller-runtime: websites of two versions, webhooks, and a reconciler that keeps a page for each.
//
//	go build -o manager ./manager && manager --kubeconfig FILE --certs DIR --webhook-port PORT
package main

import (
	"flag"
	"os"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/utils/ptr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"
	"sigs.k8s.io/controller-runtime/pkg/webhook"
)

func main() {
	certs := flag.String("certs", "", "directory of tls.crt and tls.key of the webhooks")
	port := flag.Int("webhook-port", 9443, "where the webhooks listen")
	flag.Parse()
	ctrl.SetLogger(zap.New())
	if err := run(*certs, *port); err != nil {
		ctrl.Log.Error(err, "the manager ended")
		os.Exit(1)
	}
}

func run(certs string, port int) error {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{corev1.AddToScheme, addWebsites} {
		if err := add(scheme); err != nil {
			return err
		}
	}
	manager, err := ctrl.NewManager(ctrl.GetConfigOrDie(), ctrl.Options{
		Scheme:                        scheme,
		Metrics:                       server.Options{BindAddress: "0"},
		LeaderElection:                true,
		LeaderElectionID:              "websites.web.example.com",
		LeaderElectionNamespace:       "default",
		LeaderElectionReleaseOnCancel: true,
		LeaseDuration:                 ptr.To(3 * time.Second),
		RenewDeadline:                 ptr.To(2 * time.Second),
		RetryPeriod:                   ptr.To(time.Second / 2),
		WebhookServer:                 webhook.NewServer(webhook.Options{Host: "127.0.0.1", Port: port, CertDir: certs}),
	})
	if err != nil {
		return err
	}
	signals := ctrl.SetupSignalHandler()
	if err := setUpReconciler(signals, manager); err != nil {
		return err
	}
	if err := setUpWebhooks(manager); err != nil {
		return err
	}
	return manager.Start(signals)
}
