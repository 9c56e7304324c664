"""Server-side request forgery: addresses and tricks that lead into somebody's own network, and names that do."""

# Refused before anything is resolved.
REFUSED = [
    "http://lms.example/", "ftp://lms.example/", "file:///etc/passwd", "gopher://lms.example/", "//lms.example/",
    "https://127.0.0.1/", "https://127.1/", "https://2130706433/", "https://0x7f000001/", "https://0x7f.1/",
    "https://0177.0.0.1/", "https://127.0.0.1./", "https://0/", "https://0.0.0.0/", "https://10.0.0.1/",
    "https://172.16.0.1/", "https://192.168.0.1/", "https://169.254.169.254/latest/meta-data/",
    "https://100.64.0.1/", "https://192.0.0.192/", "https://224.0.0.1/", "https://255.255.255.255/",
    "https://[::1]/", "https://[::]/", "https://[::ffff:127.0.0.1]/", "https://[::ffff:7f00:1]/",
    "https://[::127.0.0.1]/", "https://[64:ff9b::7f00:1]/", "https://[64:ff9b:1::7f00:1]/", "https://[2002:7f00:1::]/",
    "https://[fe80::1]/", "https://[fe80::1%25eth0]/", "https://[fc00::1]/", "https://[fec0::1]/", "https://[ff02::1]/",
    "https://[5f00::1]/", "https://[3fff::1]/", "https://[2001:db8::1]/", "https://[100::1]/",
    "https://①②⑦.⓪.⓪.①/", "https://ｌocalhost/", "https://127。0。0。1/", "https://exämple.org/",
    "https://user@lms.example/", "https://lms.example:pw@10.0.0.1/", "https://lms.example\\@10.0.0.1/",
    "https://lms.example#@10.0.0.1/", "https://lms.example:22/", "https://lms.example:6379/", "https://lms.example:0/",
    "https://lms.example:99999/", "https:///hook", "https://", "https://.example/", "https://-a.example/",
    "https://lms.example/\r\nHost: other", "https://lms.example/ ", "https://lms.ex ample/", "https://[::1/",
    "https://lms.example/\x00", "https://1.2.3.4.5/", "https://0x7f.0x0.0x0.0x1/", "https://lms..example/",
]  # fmt: skip

# Names that look harmless, and what a resolver says of them.
RESOLVED = [
    ["127.0.0.1"], ["10.1.2.3"], ["169.254.169.254"], ["::1"], ["::ffff:10.0.0.1"], ["64:ff9b::a00:1"],
    ["2002:a00:1::1"], ["fd00::1"], ["fe80::1%eth0"], ["224.0.0.251"], ["0.0.0.0"], ["100.100.100.200"],
    ["172.31.255.254"], ["192.168.255.1"], ["198.18.0.1"], ["192.0.2.1"], ["203.0.113.9"], ["240.0.0.1"], ["fec0::1"],
    ["::7f00:1"], ["64:ff9b:1::a00:1"], ["100::1"], ["3fff::1"], ["5f00::1"], ["2001:db8::1"], ["ff02::1"],
    ["93.184.216.34", "127.0.0.1"], ["2606:4700::1111", "::1"],
]  # fmt: skip

PUBLIC = ["93.184.216.34", "2606:4700::1111"]
