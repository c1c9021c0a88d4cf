// Who somebody is and what they may do.
package main

import (
	"context"
	"fmt"
	"strings"

	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/utils/ptr"
)

// tokens asks for a token of a service account, uses it, and sees it die with the account.
func tokens(ctx context.Context, c *cluster) error {
	accounts := c.client.CoreV1().ServiceAccounts(c.namespace)
	if _, err := accounts.Create(ctx, &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: "robot"}}, metav1.CreateOptions{}); err != nil {
		return err
	}
	request := &authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{ExpirationSeconds: ptr.To(int64(600))}}
	issued, err := accounts.CreateToken(ctx, "robot", request, metav1.CreateOptions{})
	if err != nil {
		return err
	}
	config := rest.AnonymousClientConfig(c.config)
	config.BearerToken = issued.Status.Token
	robot := kubernetes.NewForConfigOrDie(config)
	self, err := robot.AuthenticationV1().SelfSubjectReviews().Create(ctx, &authenticationv1.SelfSubjectReview{}, metav1.CreateOptions{})
	if err != nil {
		return err
	}
	review, err := c.client.AuthenticationV1().TokenReviews().Create(ctx, &authenticationv1.TokenReview{Spec: authenticationv1.TokenReviewSpec{Token: issued.Status.Token}}, metav1.CreateOptions{})
	if err != nil {
		return err
	}
	_, forbidden := robot.CoreV1().Secrets(c.namespace).List(ctx, metav1.ListOptions{})
	name := "system:serviceaccount:" + c.namespace + ":robot"
	if err := all(
		expect("parts of the token", strings.Count(issued.Status.Token, "."), 2),
		expect("own name", self.Status.UserInfo.Username, name),
		expect("reviewed name", review.Status.User.Username, name),
		expect("authenticated", review.Status.Authenticated, true),
		expect("forbidden", apierrors.IsForbidden(forbidden), true),
		expectText("message", fmt.Sprint(forbidden), `User "`+name+`" cannot list resource "secrets" in API group "" in the namespace "`+c.namespace+`"`),
		accounts.Delete(ctx, "robot", metav1.DeleteOptions{}),
	); err != nil {
		return err
	}
	return eventually(ctx, func(ctx context.Context) error {
		_, err := robot.AuthenticationV1().SelfSubjectReviews().Create(ctx, &authenticationv1.SelfSubjectReview{}, metav1.CreateOptions{})
		return expect("unauthorized without its account", apierrors.IsUnauthorized(err), true)
	})
}

func accessReviews(ctx context.Context, c *cluster) error {
	role := &rbacv1.Role{ObjectMeta: metav1.ObjectMeta{Name: "reader"}, Rules: []rbacv1.PolicyRule{{APIGroups: []string{""}, Resources: []string{"pods", "pods/log"}, Verbs: []string{"get", "list"}}}}
	if _, err := c.client.RbacV1().Roles(c.namespace).Create(ctx, role, metav1.CreateOptions{}); err != nil {
		return err
	}
	binding := &rbacv1.RoleBinding{ObjectMeta: metav1.ObjectMeta{Name: "readers"}, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: "reader"}, Subjects: []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: "User", Name: "jane"}}}
	if _, err := c.client.RbacV1().RoleBindings(c.namespace).Create(ctx, binding, metav1.CreateOptions{}); err != nil {
		return err
	}
	may := func(verb, subresource string) (bool, error) {
		review, err := c.client.AuthorizationV1().SubjectAccessReviews().Create(ctx, &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{
			User: "jane", ResourceAttributes: &authorizationv1.ResourceAttributes{Namespace: c.namespace, Verb: verb, Resource: "pods", Subresource: subresource},
		}}, metav1.CreateOptions{})
		return err == nil && review.Status.Allowed, err
	}
	if err := eventually(ctx, func(context.Context) error {
		allowed, err := may("get", "log")
		return all(err, expect("may read logs", allowed, true))
	}); err != nil {
		return err
	}
	deletes, err := may("delete", "")
	return all(err, expect("may delete", deletes, false))
}

func impersonation(ctx context.Context, c *cluster) error {
	config := rest.CopyConfig(c.config)
	config.Impersonate = rest.ImpersonationConfig{UserName: "jane", Groups: []string{"sailors"}, Extra: map[string][]string{"example.com/port": {"north"}}}
	jane := kubernetes.NewForConfigOrDie(config)
	self, err := jane.AuthenticationV1().SelfSubjectReviews().Create(ctx, &authenticationv1.SelfSubjectReview{}, metav1.CreateOptions{})
	if err != nil {
		return err
	}
	_, lists := jane.CoreV1().Pods(c.namespace).List(ctx, metav1.ListOptions{})
	rules, err := jane.AuthorizationV1().SelfSubjectRulesReviews().Create(ctx, &authorizationv1.SelfSubjectRulesReview{Spec: authorizationv1.SelfSubjectRulesReviewSpec{Namespace: c.namespace}}, metav1.CreateOptions{})
	if err != nil {
		return err
	}
	return all(
		lists,
		expect("groups", self.Status.UserInfo.Groups, []string{"sailors", "system:authenticated"}),
		expect("extra", self.Status.UserInfo.Extra["example.com/port"], authenticationv1.ExtraValue{"north"}),
		expect("rules", len(rules.Status.ResourceRules) > 0, true),
	)
}
