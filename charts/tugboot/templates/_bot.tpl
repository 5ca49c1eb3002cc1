{{/* What `tugboot serve` reads, which `tugboot doctor` reads as well. */}}
{{- define "tugboot.botEnv" -}}
- name: SLACK_BOT_TOKEN
  valueFrom:
    secretKeyRef:
      name: {{ include "tugboot.slackSecret" . }}
      key: bot-token
- name: SLACK_APP_TOKEN
  valueFrom:
    secretKeyRef:
      name: {{ include "tugboot.slackSecret" . }}
      key: app-token
{{- with .Values.slack.channel }}
- name: SLACK_CHANNEL
  value: {{ . | quote }}
{{- end }}
- name: REDIS_URL
  {{- if .Values.redis.url }}
  value: {{ .Values.redis.url | quote }}
  {{- else }}
  valueFrom:
    secretKeyRef:
      name: {{ include "tugboot.redisSecret" . }}
      key: url
  {{- end }}
- name: TUGBOOT_CONFIG
  value: /etc/tugboot/tugboot.yaml
- name: TUGBOOT_REPLICAS
  value: {{ .Values.bot.replicas | quote }}
- name: LOG_LEVEL
  value: {{ .Values.bot.logLevel }}
- name: HEALTH_PORT
  value: {{ .Values.bot.healthPort | quote }}
- name: POD_NAMESPACE
  valueFrom:
    fieldRef:
      fieldPath: metadata.namespace
- name: POD_NAME
  valueFrom:
    fieldRef:
      fieldPath: metadata.name
- name: NODE_NAME
  valueFrom:
    fieldRef:
      fieldPath: spec.nodeName
{{- with .Values.bot.extraEnv }}
{{- toYaml . | nindent 0 }}
{{- end }}
{{- end }}

{{- define "tugboot.botVolumes" -}}
- name: config
  configMap:
    name: {{ include "tugboot.fullname" . }}-config
- name: tmp
  emptyDir:
    sizeLimit: 64Mi
{{- with .Values.bot.extraVolumes }}
{{- toYaml . | nindent 0 }}
{{- end }}
{{- end }}
