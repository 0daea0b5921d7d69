package server

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/restmapper"

	"hollow-k3s/internal/logline"
)

const deployInterval = 3 * time.Second

// deployer applies what lies in server/manifests, the packaged components and
// the user's own files alike (docs.k3s.io/installation/packaged-components).
type deployer struct {
	s       *server
	dynamic dynamic.Interface
	mapper  *restmapper.DeferredDiscoveryRESTMapper
	applied map[string][sha256.Size]byte
}

func (s *server) deployForever(ctx context.Context) {
	config, err := s.adminConfig()
	if err != nil {
		logline.Errorf("Deploying manifests: %v", err)
		return
	}
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		logline.Errorf("Deploying manifests: %v", err)
		return
	}
	mapper := restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(s.client.Discovery()))
	worker := &deployer{s: s, dynamic: client, mapper: mapper, applied: map[string][sha256.Size]byte{}}
	if err := worker.stage(ctx); err != nil {
		logline.Errorf("Staging manifests: %v", err)
	}
	for {
		worker.applyAll(ctx)
		select {
		case <-time.After(deployInterval):
		case <-ctx.Done():
			return
		}
	}
}

func (d *deployer) applyAll(ctx context.Context) {
	directory := d.s.data.Server("manifests")
	_ = filepath.WalkDir(directory, func(file string, entry os.DirEntry, err error) error {
		extension := filepath.Ext(file)
		if err != nil || entry.IsDir() || (extension != ".yaml" && extension != ".yml" && extension != ".json") || skipped(file) {
			return nil
		}
		content, err := os.ReadFile(file)
		if err != nil {
			return nil
		}
		sum := sha256.Sum256(content)
		if d.applied[file] == sum {
			return nil
		}
		if d.each(ctx, content, d.apply) == nil {
			logline.Infof("Applied manifest %s", file)
			d.applied[file] = sum
		}
		return nil
	})
}

// each visits the objects of a file; it goes on after a failure, since an
// object may need a definition that comes later in the file.
func (d *deployer) each(ctx context.Context, content []byte, visit func(context.Context, *unstructured.Unstructured) error) error {
	decoder := yaml.NewYAMLOrJSONDecoder(strings.NewReader(string(content)), 4096)
	var problems []error
	for {
		object := &unstructured.Unstructured{}
		if err := decoder.Decode(&object.Object); errors.Is(err, io.EOF) {
			return errors.Join(problems...)
		} else if err != nil {
			return err
		}
		if len(object.Object) == 0 {
			continue
		}
		if err := visit(ctx, object); err != nil {
			problems = append(problems, err)
		}
	}
}

func (d *deployer) apply(ctx context.Context, object *unstructured.Unstructured) error {
	client, err := d.clientFor(object)
	if err != nil {
		return err
	}
	_, err = client.Apply(ctx, object.GetName(), object, metav1.ApplyOptions{FieldManager: "deploy@" + d.s.nodeName, Force: true})
	return err
}

func (d *deployer) remove(ctx context.Context, object *unstructured.Unstructured) error {
	client, err := d.clientFor(object)
	if err != nil {
		return err
	}
	_ = client.Delete(ctx, object.GetName(), metav1.DeleteOptions{})
	return nil
}

func (d *deployer) clientFor(object *unstructured.Unstructured) (dynamic.ResourceInterface, error) {
	kind := object.GroupVersionKind()
	mapping, err := d.mapper.RESTMapping(kind.GroupKind(), kind.Version)
	if err != nil {
		if meta.IsNoMatchError(err) {
			d.mapper.Reset()
		}
		return nil, err
	}
	resource := d.dynamic.Resource(mapping.Resource)
	if mapping.Scope.Name() == meta.RESTScopeNameRoot {
		return resource, nil
	}
	namespace := object.GetNamespace()
	if namespace == "" {
		namespace = metav1.NamespaceDefault
	}
	return resource.Namespace(namespace), nil
}
