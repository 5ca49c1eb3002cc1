// Command dns is CoreDNS with the plugins that a cluster's names need. The tests with real nodes build it, because Debian
// has no CoreDNS; it is a module of its own, because it wants other versions of Kubernetes' libraries than the control plane.
package main

import (
	"github.com/coredns/coredns/core/dnsserver"
	"github.com/coredns/coredns/coremain"
	_ "github.com/coredns/coredns/plugin/bind"
	_ "github.com/coredns/coredns/plugin/errors"
	_ "github.com/coredns/coredns/plugin/kubernetes"
)

func main() {
	// The order in which a query passes through them.
	dnsserver.Directives = []string{"bind", "errors", "kubernetes"}
	coremain.Run()
}
