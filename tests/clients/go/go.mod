module subledger/clients

go 1.19
