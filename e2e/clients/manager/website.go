// The kind Website: v1 is stored and worked with; v1alpha1 wrote host and port in one.
package main

import (
	"fmt"
	"net"
	"strconv"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/conversion"
)

const group = "web.example.com"

type WebsiteSpec struct {
	Host  string `json:"host"`
	Port  int    `json:"port"`
	Title string `json:"title,omitempty"`
}

type WebsiteStatus struct {
	ObservedGeneration int64  `json:"observedGeneration,omitempty"`
	Page               string `json:"page,omitempty"`
	SharingHost        int    `json:"sharingHost"`
}

type Website struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Spec              WebsiteSpec   `json:"spec"`
	Status            WebsiteStatus `json:"status,omitempty"`
}

type WebsiteList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata"`
	Items           []Website `json:"items"`
}

type WebsiteAlphaSpec struct {
	Address string `json:"address"`
	Title   string `json:"title,omitempty"`
}

type WebsiteAlpha struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Spec              WebsiteAlphaSpec `json:"spec"`
	Status            WebsiteStatus    `json:"status,omitempty"`
}

func addWebsites(scheme *runtime.Scheme) error {
	v1 := schema.GroupVersion{Group: group, Version: "v1"}
	alpha := schema.GroupVersion{Group: group, Version: "v1alpha1"}
	scheme.AddKnownTypes(v1, &Website{}, &WebsiteList{})
	scheme.AddKnownTypeWithName(alpha.WithKind("Website"), &WebsiteAlpha{})
	metav1.AddToGroupVersion(scheme, v1)
	metav1.AddToGroupVersion(scheme, alpha)
	return nil
}

func (w *Website) Hub() {}

func (w *WebsiteAlpha) ConvertTo(hub conversion.Hub) error {
	site := hub.(*Website)
	host, port, err := net.SplitHostPort(w.Spec.Address)
	if err != nil {
		return fmt.Errorf("address %q: %w", w.Spec.Address, err)
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return fmt.Errorf("port of %q: %w", w.Spec.Address, err)
	}
	site.ObjectMeta, site.Status = w.ObjectMeta, w.Status
	site.Spec = WebsiteSpec{Host: host, Port: number, Title: w.Spec.Title}
	return nil
}

func (w *WebsiteAlpha) ConvertFrom(hub conversion.Hub) error {
	site := hub.(*Website)
	w.ObjectMeta, w.Status = site.ObjectMeta, site.Status
	w.Spec = WebsiteAlphaSpec{Address: net.JoinHostPort(site.Spec.Host, strconv.Itoa(site.Spec.Port)), Title: site.Spec.Title}
	return nil
}

func (w *Website) DeepCopyObject() runtime.Object {
	copied := *w
	w.ObjectMeta.DeepCopyInto(&copied.ObjectMeta)
	return &copied
}

func (w *WebsiteAlpha) DeepCopyObject() runtime.Object {
	copied := *w
	w.ObjectMeta.DeepCopyInto(&copied.ObjectMeta)
	return &copied
}

func (w *WebsiteList) DeepCopyObject() runtime.Object {
	copied := *w
	w.ListMeta.DeepCopyInto(&copied.ListMeta)
	copied.Items = make([]Website, len(w.Items))
	for i := range w.Items {
		copied.Items[i] = *w.Items[i].DeepCopyObject().(*Website)
	}
	return &copied
}
