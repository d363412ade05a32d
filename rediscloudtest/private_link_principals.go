package rediscloudtest

import (
	"regexp"
	"slices"
	"time"
)

var principalForm = regexp.MustCompile(`^(\d{12}|arn:[^:]+:.+|[a-z0-9.-]+\.amazonaws\.com)$`)

func (l *privateLink) principal(name string) *principal {
	i := slices.IndexFunc(l.principals, func(p *principal) bool { return p.name == name })
	if i < 0 {
		return nil
	}
	return l.principals[i]
}

// add shares the PrivateLink with the principal that a request names.
func (l *privateLink) add(request object, at time.Time) *failure {
	name := str(request, "principal", "")
	switch {
	case !principalForm.MatchString(name):
		return badRequest("PRIVATE_LINK_PRINCIPAL_INVALID_PRINCIPLE", "The principal is neither an account nor an ARN.")
	case l.principal(name) != nil:
		return conflict("PRIVATE_LINK_PRINCIPAL_ALREADY_EXISTS", "There is such a principal.")
	}
	settings := object{"type": str(request, "type", "aws_account")}
	if alias := str(request, "alias", ""); alias != "" {
		settings["alias"] = alias
	}
	s := l.network.sub.server
	l.principals = append(l.principals, &principal{
		name: name, settings: settings, life: s.pass(at, "associated", "initializing", "associating"), listed: at.Add(s.lateListing),
	})
	return nil
}

func createPrincipal(c *call, n privateNetwork) answer {
	return n.write(c, linkWritten, "privateLinkPrincipalsCreateRequest", linkCreatePrincipal, func(at time.Time) (outcome, *failure) {
		if n.link() == nil {
			return outcome{}, linkNotFound
		}
		if f := n.link().add(c.body, at); f != nil {
			return outcome{}, f
		}
		return outcome{resourceID: n.sub.id}, nil
	})
}

func deletePrincipal(c *call, n privateNetwork) answer {
	return n.write(c, linkWritten, "privateLinkPrincipalsDeleteRequest", linkDeletePrincipal, func(at time.Time) (outcome, *failure) {
		link := n.link()
		if link == nil {
			return outcome{}, linkNotFound
		}
		p := link.principal(str(c.body, "principal", ""))
		if p == nil {
			return outcome{}, missing("PRIVATE_LINK_PRINCIPAL_NOT_FOUND", "There is no such principal.")
		}
		s := n.sub.server
		s.showOld(link.path(), link.document(at), at)
		p.life = s.pass(at, "disassociated", "disassociating")
		s.schedule(p.life.until(), func(time.Time) {
			link.principals = slices.DeleteFunc(link.principals, func(other *principal) bool { return other == p })
		})
		return outcome{resourceID: n.sub.id}, nil
	})
}
