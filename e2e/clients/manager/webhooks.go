// What is filled in and refused before a website is stored; conversion comes with the types.
package main

import (
	"context"
	"errors"
	"strings"

	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"
)

type rules struct{}

func setUpWebhooks(manager ctrl.Manager) error {
	return ctrl.NewWebhookManagedBy(manager, &Website{}).WithDefaulter(rules{}).WithValidator(rules{}).Complete()
}

func (rules) Default(_ context.Context, site *Website) error {
	if site.Spec.Title == "" {
		site.Spec.Title = "Welcome to " + site.Spec.Host
	}
	return nil
}

func (rules) ValidateCreate(_ context.Context, site *Website) (admission.Warnings, error) {
	if site.Spec.Port < 1024 {
		return nil, errors.New("ports below 1024 are not for websites here")
	}
	if strings.Contains(site.Spec.Host, "_") {
		return admission.Warnings{"hosts with underscores are hard to reach"}, nil
	}
	return nil, nil
}

func (r rules) ValidateUpdate(ctx context.Context, old, site *Website) (admission.Warnings, error) {
	if old.Spec.Host != site.Spec.Host {
		return nil, errors.New("a website keeps its host")
	}
	return r.ValidateCreate(ctx, site)
}

func (rules) ValidateDelete(_ context.Context, site *Website) (admission.Warnings, error) {
	if site.Annotations[group+"/keep"] != "" {
		return nil, errors.New("this website is kept")
	}
	return nil, nil
}
