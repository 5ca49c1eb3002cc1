{{- define "tugboot.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "tugboot.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains (include "tugboot.name" .) .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "tugboot.name" .) | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* What selects the pods of a part: list of root and part. These never change between versions. */}}
{{- define "tugboot.selector" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: {{ include "tugboot.name" $root }}
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end -}}

{{/* All labels of a part: list of root and part. */}}
{{- define "tugboot.labels" -}}
{{- $root := index . 0 -}}
{{ include "tugboot.selector" . }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
app.kubernetes.io/part-of: tugboot
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" }}
{{- with $root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* The annotations in the metadata of an object: list of root and its own ones. Nothing where there are none. */}}
{{- define "tugboot.annotations" -}}
{{- with merge (dict) (default dict (index . 1)) (index . 0).Values.commonAnnotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
{{- end -}}
{{- end -}}

{{/* An image: list of image values and default tag. */}}
{{- define "tugboot.image" -}}
{{- $image := index . 0 -}}
{{- if $image.digest -}}
{{ $image.repository }}@{{ $image.digest }}
{{- else -}}
{{ $image.repository }}:{{ default (index . 1) $image.tag }}
{{- end -}}
{{- end -}}

{{- define "tugboot.slackSecret" -}}
{{- default (printf "%s-slack" (include "tugboot.fullname" .)) .Values.slack.existingSecret -}}
{{- end -}}

{{/* "true" when the chart runs a Redis of its own. */}}
{{- define "tugboot.ownRedis" -}}
{{- if and (include "tugboot.hasBot" .) (not (or .Values.redis.url .Values.redis.external)) -}}true{{- end -}}
{{- end -}}

{{- define "tugboot.redisSecret" -}}
{{- default (printf "%s-redis" (include "tugboot.fullname" .)) .Values.redis.existingSecret -}}
{{- end -}}

{{/* The bot at the API server, as a list in CEL, and the account that takes back what it has written before an uninstall. */}}
{{- define "tugboot.botUsers" -}}
{{- $own := printf "system:serviceaccount:%s:%s" .Release.Namespace (include "tugboot.account" (list . "bot")) -}}
{{- $cleanup := printf "system:serviceaccount:%s:%s-cleanup" .Release.Namespace (include "tugboot.fullname" .) -}}
{{- $users := default (list $own) .Values.bot.users -}}
{{- if .Values.cleanup.enabled -}}
{{- $users = append $users $cleanup -}}
{{- end -}}
{{- toJson $users -}}
{{- end -}}

{{- define "tugboot.agentUser" -}}
{{- printf "system:serviceaccount:%s:%s" .Release.Namespace (include "tugboot.account" (list . "agent")) -}}
{{- end -}}

{{/* Metadata of an admission policy and of its binding: list of root and name. */}}
{{- define "tugboot.policyMetadata" -}}
{{- $root := index . 0 -}}
name: {{ include "tugboot.fullname" $root }}-{{ index . 1 }}
labels:
  {{- include "tugboot.labels" (list $root "admission") | nindent 2 }}
{{- with (index . 0).Values.commonAnnotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* The binding of an admission policy: list of root and name. */}}
{{- define "tugboot.policyBinding" -}}
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata:
  {{- include "tugboot.policyMetadata" . | nindent 2 }}
spec:
  policyName: {{ include "tugboot.fullname" (index . 0) }}-{{ index . 1 }}
  validationActions: [Deny]
{{- end -}}

{{/*
Keys in the domains of Kubernetes that the bot may write on nodes, as a list in CEL: list of root and labels or annotations. What `config` names
under hooks, for all pools and for each, is known; a bot that is configured elsewhere needs admission.nodeLabels and admission.nodeAnnotations.
*/}}
{{- define "tugboot.nodeKeys" -}}
{{- $root := index . 0 -}}
{{- $map := index . 1 -}}
{{- $keys := ternary $root.Values.admission.nodeLabels $root.Values.admission.nodeAnnotations (eq $map "labels") -}}
{{- range $pool := default list $root.Values.config.pools -}}
{{- range $hook := values (default dict (get (default dict $pool.hooks) $map)) -}}
{{- $keys = concat $keys (keys (default dict $hook)) -}}
{{- end -}}
{{- end -}}
{{- if eq $map "labels" -}}
{{- $keys = append $keys "node.kubernetes.io/exclude-from-external-load-balancers" -}}
{{- end -}}
{{- uniq $keys | sortAlpha | toJson -}}
{{- end -}}

{{/* Labels, and what makes a hook of an uninstall: list of root and weight. */}}
{{- define "tugboot.cleanupMetadata" -}}
labels:
  {{- include "tugboot.labels" (list (index . 0) "cleanup") | nindent 2 }}
annotations:
  {{- with (index . 0).Values.commonAnnotations }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
  helm.sh/hook: pre-delete
  helm.sh/hook-weight: {{ index . 1 | quote }}
  helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
{{- end -}}
