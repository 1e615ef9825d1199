module example.test/fileserver

go 1.22
