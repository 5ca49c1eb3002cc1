module tugboot.dev/test/containers

go 1.26
