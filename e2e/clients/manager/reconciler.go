// Keeps a ConfigMap for each website, tells how many share a host, and leaves a note when one goes.
package main

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

const finalizer = group + "/note"
const byHost = "spec.host"

type reconciler struct {
	client.Client
}

func setUpReconciler(ctx context.Context, manager ctrl.Manager) error {
	err := manager.GetFieldIndexer().IndexField(ctx, &Website{}, byHost, func(object client.Object) []string { return []string{object.(*Website).Spec.Host} })
	if err != nil {
		return err
	}
	r := &reconciler{manager.GetClient()}
	return ctrl.NewControllerManagedBy(manager).
		For(&Website{}).
		Owns(&corev1.ConfigMap{}).
		Watches(&Website{}, handler.EnqueueRequestsFromMapFunc(r.neighbours)).
		Complete(r)
}

// neighbours are the websites that share a host with a changed one: their status says how many they are.
func (r *reconciler) neighbours(ctx context.Context, changed client.Object) []reconcile.Request {
	sites, err := r.sharing(ctx, changed.(*Website))
	if err != nil {
		return nil
	}
	var requests []reconcile.Request
	for i := range sites {
		requests = append(requests, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(&sites[i])})
	}
	return requests
}

func (r *reconciler) sharing(ctx context.Context, site *Website) ([]Website, error) {
	var list WebsiteList
	err := r.List(ctx, &list, client.InNamespace(site.Namespace), client.MatchingFields{byHost: site.Spec.Host})
	return list.Items, err
}

func (r *reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	var site Website
	if err := r.Get(ctx, request.NamespacedName, &site); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if !site.DeletionTimestamp.IsZero() {
		return ctrl.Result{}, r.leave(ctx, &site)
	}
	if controllerutil.AddFinalizer(&site, finalizer) {
		if err := r.Update(ctx, &site); err != nil {
			return ctrl.Result{}, err
		}
	}
	page := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: site.Namespace, Name: site.Name + "-page"}}
	_, err := controllerutil.CreateOrUpdate(ctx, r.Client, page, func() error {
		page.Data = map[string]string{"index.html": fmt.Sprintf("<h1>%s</h1>", site.Spec.Title)}
		return controllerutil.SetControllerReference(&site, page, r.Scheme())
	})
	if err != nil {
		return ctrl.Result{}, err
	}
	sites, err := r.sharing(ctx, &site)
	if err != nil {
		return ctrl.Result{}, err
	}
	site.Status = WebsiteStatus{ObservedGeneration: site.Generation, Page: page.Name, SharingHost: len(sites)}
	return ctrl.Result{}, r.Status().Update(ctx, &site)
}

func (r *reconciler) leave(ctx context.Context, site *Website) error {
	if !controllerutil.ContainsFinalizer(site, finalizer) {
		return nil
	}
	note := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: site.Namespace, Name: site.Name + "-was-here"}}
	if err := r.Create(ctx, note); err != nil && !apierrors.IsAlreadyExists(err) {
		return err
	}
	patch := client.MergeFromWithOptions(site.DeepCopyObject().(*Website), client.MergeFromWithOptimisticLock{})
	controllerutil.RemoveFinalizer(site, finalizer)
	return r.Patch(ctx, site, patch)
}
