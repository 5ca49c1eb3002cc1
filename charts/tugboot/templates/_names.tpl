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
{{- if not (or .Values.redis.url .Values.redis.external) -}}true{{- end -}}
{{- end -}}

{{- define "tugboot.redisSecret" -}}
{{- default (printf "%s-redis" (include "tugboot.fullname" .)) .Values.redis.existingSecret -}}
{{- end -}}
