// Checks a cluster with client-go, as the programs of its users would: one line a check, and the first failure ends it.
//
//	go build -o client-go ./go && client-go --kubeconfig FILE
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"time"
)

// A check asks one thing of the cluster and fails with what it saw instead.
type check struct {
	name string
	run  func(context.Context, *cluster) error
}

var checks = []check{
	{"discovery is aggregated and maps kinds", discoveryMapsKinds},
	{"OpenAPI of both versions", openAPI},
	{"informers by JSON and by protobuf hold the same", informersAgree},
	{"informers start by a watch list", informersStartByWatchList},
	{"a watch list ends its beginning with a bookmark", watchListBookmark},
	{"watches send bookmarks and go on from them", watchGoesOn},
	{"lists go on with continue", listsContinue},
	{"an expired continue token says so", continueExpires},
	{"leaders are elected and follow each other", leadersFollow},
	{"server-side apply by typed configurations", typedApply},
	{"server-side apply of status, and extracted configurations", applyStatus},
	{"patches of each type", patches},
	{"the dynamic client and its informer", dynamicClient},
	{"the dynamic client on a custom kind", customKind},
	{"the metadata client and its informer", metadataClient},
	{"evictions obey budgets", evictions},
	{"the scale client scales", scales},
	{"tokens are issued and work", tokens},
	{"reviews of access", accessReviews},
	{"impersonation", impersonation},
	{"events are recorded and counted", events},
	{"conflicts are met by another try", conflicts},
	{"deletions wait for finalizers and preconditions", deletions},
	{"errors have upstream's types", errorTypes},
	{"warnings reach the client", warnings},
	{"tables through the REST client", tables},
	{"a custom kind goes with its definition", customKindGoes},
}

func main() {
	kubeconfig := flag.String("kubeconfig", "", "the cluster to check")
	contentType := flag.String("content-type", jsonType, "what the typed clients ask for and send")
	only := flag.String("only", "", "the one check to run")
	flag.Parse()
	ctx, cancel := context.WithTimeout(context.Background(), 4*time.Minute)
	defer cancel()
	c, err := connect(ctx, *kubeconfig, *contentType)
	if err != nil {
		fail("connect", err)
	}
	for _, check := range checks {
		if *only != "" && *only != check.name {
			continue
		}
		start := time.Now()
		if err := check.run(ctx, c); err != nil {
			fail(check.name, err)
		}
		fmt.Printf("ok %s (%d ms)\n", check.name, time.Since(start).Milliseconds())
	}
}

func fail(name string, err error) {
	fmt.Printf("failed %s: %v\n", name, err)
	os.Exit(1)
}
