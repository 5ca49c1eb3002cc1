{{/* The service account of a part: list of root and part. */}}
{{- define "tugboot.account" -}}
{{- $root := index . 0 -}}
{{- $part := index . 1 -}}
{{- default (printf "%s-%s" (include "tugboot.fullname" $root) $part) (get $root.Values $part).serviceAccount.name -}}
{{- end -}}

{{/* "true" when a bot runs here: without replicas and without Slack there are agents only, for a bot elsewhere. */}}
{{- define "tugboot.hasBot" -}}
{{- with .Values.slack -}}
{{- if $.Values.remote.enabled -}}
{{- else if or (gt (int $.Values.bot.replicas) 0) .existingSecret .botToken .appToken .externalSecret.store.name -}}true{{- end -}}
{{- end -}}
{{- end -}}

{{/* Defaults with what the values set; null takes a default away: list of the defaults as YAML, and the values. */}}
{{- define "tugboot.overridden" -}}
{{- $result := fromYaml (index . 0) -}}
{{- range $key, $value := index . 1 -}}
{{- if kindIs "invalid" $value -}}
{{- $result = omit $result $key -}}
{{- else -}}
{{- $_ := set $result $key $value -}}
{{- end -}}
{{- end -}}
{{- toYaml $result -}}
{{- end -}}

{{/* Of a pod that needs no host and no root. */}}
{{- define "tugboot.modestPod" -}}
runAsNonRoot: true
runAsUser: {{ . }}
runAsGroup: {{ . }}
fsGroup: {{ . }}
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "tugboot.modestContainer" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{/* What a pod on the host's network needs. */}}
{{- define "tugboot.hostNetwork" -}}
{{- if . -}}
hostNetwork: true
dnsPolicy: ClusterFirstWithHostNet
{{- end -}}
{{- end -}}

{{/* Names, and the API server, whose address a policy cannot know by itself: its pods are on the host's network. */}}
{{- define "tugboot.egressOfAll" -}}
{{- with .Values.networkPolicy -}}
- ports:
    - port: 53
      protocol: UDP
    - port: 53
      protocol: TCP
- ports:
    {{- range .apiServer.ports }}
    - port: {{ . }}
    {{- end }}
  {{- with .apiServer.cidrs }}
  to:
    {{- range . }}
    - ipBlock:
        cidr: {{ . }}
    {{- end }}
  {{- end }}
{{- end -}}
{{- end -}}

{{- define "tugboot.agentPod" -}}
seccompProfile:
  type: RuntimeDefault
{{- with .Values.agent.appArmorProfile }}
appArmorProfile:
  type: {{ . }}
{{- end }}
{{- with .Values.agent.seLinuxType }}
seLinuxOptions:
  type: {{ . }}
{{- end }}
{{- end -}}

{{/* Whether it enters the mount namespace of the host. */}}
{{- define "tugboot.agentContainer" -}}
# The host's first process belongs to root, and so do the files that are read.
runAsUser: 0
runAsGroup: 0
# Entering the host's mount namespace takes setns(2), and that takes these; Kubernetes calls SYS_ADMIN an escalation.
allowPrivilegeEscalation: {{ .inHost }}
privileged: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
  {{- if not .observeOnly }}
  add: {{ if .inHost }}[KILL, SYS_ADMIN, SYS_CHROOT, SYS_PTRACE]{{ else }}[KILL]{{ end }}
  {{- end }}
{{- end -}}
