// Leader election on Leases.
package main

import (
	"context"
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
)

// leadersFollow has two candidates: the first leads until it steps down, then the second does at once.
func leadersFollow(ctx context.Context, c *cluster) error {
	leads := make(chan string, 2)
	first, stepDown := context.WithCancel(ctx)
	second, end := context.WithCancel(ctx)
	defer end()
	defer stepDown()
	go campaign(first, c, "first", leads)
	if err := expectLeader(ctx, c, leads, "first", 0); err != nil {
		return err
	}
	go campaign(second, c, "second", leads)
	time.Sleep(300 * time.Millisecond)
	if err := expect("leaders", len(leads), 0); err != nil {
		return err
	}
	stepDown()
	return expectLeader(ctx, c, leads, "second", 1)
}

func campaign(ctx context.Context, c *cluster, name string, leads chan<- string) {
	leaderelection.RunOrDie(ctx, leaderelection.LeaderElectionConfig{
		Lock: &resourcelock.LeaseLock{
			LeaseMeta:  metav1.ObjectMeta{Namespace: c.namespace, Name: "throne"},
			Client:     c.client.CoordinationV1(),
			LockConfig: resourcelock.ResourceLockConfig{Identity: name},
		},
		ReleaseOnCancel: true,
		LeaseDuration:   5 * time.Second,
		RenewDeadline:   3 * time.Second,
		RetryPeriod:     200 * time.Millisecond,
		Callbacks: leaderelection.LeaderCallbacks{
			OnStartedLeading: func(context.Context) { leads <- name },
			OnStoppedLeading: func() {},
		},
	})
}

func expectLeader(ctx context.Context, c *cluster, leads <-chan string, name string, transitions int32) error {
	select {
	case leader := <-leads:
		lease, err := c.client.CoordinationV1().Leases(c.namespace).Get(ctx, "throne", metav1.GetOptions{})
		if err != nil {
			return err
		}
		return all(
			expect("leader", leader, name),
			expect("holder", *lease.Spec.HolderIdentity, name),
			expect("renewed at all", lease.Spec.RenewTime.IsZero(), false),
			expect("transitions at least", *lease.Spec.LeaseTransitions >= transitions, true),
		)
	case <-time.After(20 * time.Second):
		return fmt.Errorf("%s does not lead", name)
	}
}
