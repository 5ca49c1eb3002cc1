{{/* What `tugboot serve` reads, which `tugboot doctor` reads as well. */}}
{{- define "tugboot.botEnv" -}}
# glibc gives the memory of blocks from 32 KiB back when they are freed: 20 MB that V8 parses the program with.
- name: MALLOC_MMAP_THRESHOLD_
  value: '32768'
- name: SLACK_BOT_TOKEN
  valueFrom:
    secretKeyRef:
      name: {{ include "tugboot.slackSecret" . }}
      key: {{ .Values.slack.botTokenKey }}
- name: SLACK_APP_TOKEN
  valueFrom:
    secretKeyRef:
      name: {{ include "tugboot.slackSecret" . }}
      key: {{ .Values.slack.appTokenKey }}
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
      key: {{ .Values.redis.urlKey }}
  {{- end }}
{{- with .Values.redis.sentinelUser }}
- name: REDIS_SENTINEL_USER
  value: {{ . | quote }}
{{- end }}
{{- with .Values.redis.sentinelPasswordKey }}
- name: REDIS_SENTINEL_PASSWORD
  valueFrom:
    secretKeyRef:
      name: {{ include "tugboot.redisSecret" $ }}
      key: {{ . }}
{{- end }}
- name: TUGBOOT_CONFIG
  value: /etc/tugboot/tugboot.yaml
- name: TUGBOOT_REPLICAS
  value: {{ max 1 (int .Values.bot.replicas) | quote }}
- name: LOG_LEVEL
  value: {{ .Values.bot.logLevel }}
- name: HEALTH_PORT
  value: {{ .Values.bot.healthPort | quote }}
{{- if .Values.bot.queueBoard }}
- name: QUEUE_BOARD
  value: 'on'
{{- end }}
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

{{/* The option of Node for V8's old space, from the memory limit of the bot's resources: program, stacks, buffers and young objects take up to
128 MiB beside it. Nothing without a limit, or for a limit that is not in bytes, K, M or G. */}}
{{- define "tugboot.oldSpace" -}}
{{- $given := dig "limits" "memory" "" (default dict .) -}}
{{- $limit := kindIs "float64" $given | ternary (printf "%.0f" $given) (toString $given) -}}
{{- if regexMatch "^[0-9]+([KMG]i?|k)?$" $limit -}}
{{- $units := dict "" 1 "k" 1000 "K" 1000 "M" 1000000 "G" 1000000000 "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 -}}
{{- $bytes := mul (regexFind "^[0-9]+" $limit) (get $units (regexFind "[A-Za-z]*$" $limit)) -}}
{{- $mebibytes := div $bytes 1048576 -}}
--max-old-space-size={{ max 64 (sub $mebibytes 128) }}, {{ end -}}
{{- end }}
